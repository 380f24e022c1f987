/** What the tests of every connector begin with: the other side, a connection to it, and what it hands over. */
import type { ErrorCode } from '@millrace/contracts';
import { afterEach, beforeEach, expect } from 'vitest';
import type { Connection, ConnectorHandle } from '../connector.ts';
import { checkConnection } from '../registry.ts';
import { type FakePorts, fakePorts, hastyClock } from './fake-ports.ts';
import { soon } from './soon.ts';

export interface OtherSide {
  /** A connection to it; what it says is of device `d1`, or of `absent`, which nobody knows. */
  connection(deviceUid: 'd1' | 'absent'): Connection;
  /** Soon, or as soon as it is asked, the other side says `{"value": …}`. */
  say(value: number): void;
  /** Where it has to be asked: resolves when it was, from now on. */
  asked?(): Promise<void>;
  /** From now on it begins to say something and does not go on: resolves when that is under way. */
  stall(): Promise<void>;
  /** How often somebody has come to it so far. */
  visits(): number;
  /** Breaks the connection. */
  cut(): void;
  /** Nobody listens any more. */
  leave(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

export interface ConnectorMember {
  readonly kind: string;
  /** The code of an other side that is away. */
  readonly awayCode: ErrorCode;
  readonly openOtherSide: () => Promise<OtherSide>;
}

/** New for each test, and gone after it. */
export class ConnectorBench {
  other!: OtherSide;
  ports!: FakePorts;
  handle!: ConnectorHandle;
  ending!: AbortController;

  constructor({ openOtherSide }: ConnectorMember) {
    beforeEach(async () => {
      this.other = await openOtherSide();
      this.ports = fakePorts(hastyClock(20));
      this.ending = new AbortController();
    });
    afterEach(async () => {
      this.ending.abort();
      this.ports.sink.release();
      await this.other.close();
    });
  }

  open(deviceUid: 'd1' | 'absent' = 'd1'): void {
    const connection = this.other.connection(deviceUid);
    this.ports.outboundAllowed = [new URL(connection.url).host];
    this.handle = checkConnection(connection).open(this.ports, this.ending.signal);
  }

  connected(): Promise<void> {
    return soon(() => expect(this.handle.state.phase).toBe('connected'));
  }

  said(value: number): Promise<void> {
    return soon(() => expect(this.ports.sink.payloads.map((text) => JSON.parse(text))).toContainEqual({ value }));
  }

  happened(): readonly string[] {
    return this.ports.happened.map(([name]) => name);
  }

  taken(): Promise<void> {
    return soon(() => expect(this.ports.sink.taken.length).toBeGreaterThan(0));
  }
}
