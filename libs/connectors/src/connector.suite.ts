/** What every connector promises, whatever its protocol. A member's test brings the other side: a broker, a machine. */
import { setImmediate } from 'node:timers/promises';
import { type ErrorCode, errorKinds } from '@millrace/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connection, ConnectorHandle } from './connector.ts';
import { checkConnection } from './registry.ts';
import { type FakePorts, fakePorts, hastyClock } from './testing/fake-ports.ts';
import { soon } from './testing/soon.ts';

/** Enough for whoever does not wait to be through. */
const eventLoopTurns = 20;

export interface OtherSide {
  /** A connection to it; what it says is of device `d1`, or of `absent`, which nobody knows. */
  connection(deviceUid: 'd1' | 'absent'): Connection;
  /** Soon, or as soon as it is asked, the other side says `{"value": …}`. */
  say(value: number): void;
  /** Where it has to be asked: resolves when it was, from now on. */
  asked?(): Promise<void>;
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

export function connectorSuite({ kind, awayCode, openOtherSide }: ConnectorMember): void {
  describe(`the ${kind} connector`, () => {
    let other: OtherSide;
    let ports: FakePorts;
    let handle: ConnectorHandle;
    let ending: AbortController;

    beforeEach(async () => {
      other = await openOtherSide();
      ports = fakePorts(hastyClock(20));
      ending = new AbortController();
    });

    afterEach(async () => {
      ending.abort();
      ports.sink.release();
      await other.close();
    });

    const open = (deviceUid: 'd1' | 'absent' = 'd1') => {
      handle = checkConnection(other.connection(deviceUid))(ports, ending.signal);
    };
    const connected = () => soon(() => expect(handle.state.phase).toBe('connected'));
    const said = (value: number) =>
      soon(() => expect(ports.sink.payloads.map((text) => JSON.parse(text))).toContainEqual({ value }));
    const happened = () => ports.happened.map(([name]) => name);
    const taken = () => soon(() => expect(ports.sink.taken.length).toBeGreaterThan(0));

    test('hands over what the other side says, under its device', async () => {
      open();
      await connected();
      other.say(7);
      await said(7);
      expect(ports.sink.taken[0]).toMatchObject({ tenant: 'acme', deviceUid: 'd1', repeated: false });
      expect(handle.state.lastError).toBeNull();
      expect(happened()).toEqual(['connected']);
    });

    test('a message is acknowledged when the sink has made it durable, not before', async () => {
      open();
      await connected();
      other.say(1);
      await taken();
      expect(handle.state).toMatchObject({ acknowledged: 0, unacknowledged: handle.state.received });
      ports.sink.open = true;
      ports.sink.release();
      await soon(() => expect(handle.state.acknowledged).toBeGreaterThan(0));
    });

    test('what comes while the sink has no room waits, and is handed over in its order', async () => {
      ports.sink.overloaded = true;
      open();
      await connected();
      for (const value of [1, 2, 3]) {
        const { received } = handle.state;
        other.say(value);
        if (value > 1) continue;
        await other.asked?.();
        await soon(() => expect(handle.state.received).toBeGreaterThan(received));
      }
      expect(ports.sink.taken).toEqual([]);
      ports.sink.open = true;
      ports.sink.overloaded = false;
      await said(1);
      await said(3);
      const values = ports.sink.payloads.map((text) => (JSON.parse(text) as { value: number }).value);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    });

    test('comes back by itself when the connection is lost, and says why', async () => {
      ports.sink.open = true;
      open();
      await connected();
      other.cut();
      await soon(() => expect(happened()).toEqual(['connected', 'lost', 'connected']));
      const [, loss] = ports.happened.find(([name]) => name === 'lost') ?? [];
      expect(Object.keys(errorKinds)).toContain((loss as { readonly code: string }).code);
      other.say(8);
      await said(8);
    });

    test('shows that the other side is away, and goes on when it is back', async () => {
      ports.sink.open = true;
      await other.leave();
      open();
      await soon(() => expect(handle.state.lastError?.code).toBe(awayCode));
      expect(['waiting', 'connecting']).toContain(handle.state.phase);
      await other.comeBack();
      await connected();
      other.say(9);
      await said(9);
    });

    test('a message of a device that nobody knows is kept as a dead letter, and counted', async () => {
      open('absent');
      await connected();
      other.say(1);
      await soon(() => expect(ports.counts['unknown_sender']).toBeGreaterThan(0));
      expect(ports.kept[0]).toMatchObject({ code: 'unknown_sender', message: { tenant: 'acme' } });
      expect(ports.sink.taken).toEqual([]);
      expect(happened()).toContain('messagesRejected');
    });

    test('closing takes no more, waits until what was taken is durable, and leaves nothing uncounted', async () => {
      open();
      await connected();
      other.say(1);
      await taken();
      let over = false;
      const closed = handle.close(new AbortController().signal).then(() => (over = true));
      const { received } = handle.state;
      other.say(2);
      for (let turn = 0; turn < eventLoopTurns; turn += 1) await setImmediate();
      expect(over).toBe(false);
      ports.sink.open = true;
      ports.sink.release();
      await closed;
      expect(handle.state).toMatchObject({ phase: 'closed', received, acknowledged: received, unacknowledged: 0 });
      expect(ports.counts['in']).toBe(ports.counts['out']);
    });

    test('closing with an aborted signal leaves at once', async () => {
      open();
      await connected();
      other.say(1);
      await taken();
      await handle.close(AbortSignal.abort());
      expect(handle.state.phase).toBe('closed');
    });

    test('what is wrong with a connection is said by the name of its field', () => {
      const wrong = { ...other.connection('d1'), url: 'https://wrong.example' };
      expect(() => checkConnection(wrong)).toThrow(
        expect.objectContaining({
          code: 'configuration_invalid',
          errors: [expect.objectContaining({ field: '/url' })],
        }),
      );
    });
  });
}
