/** What every gateway promises, whatever its protocol. A member's test calls `gatewaySuite` with a client of that protocol. */
import { type ErrorCode, MillraceError } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  AcmeAuthenticator,
  AcmeTokenDesk,
  deviceAuthorization,
  disabledAuthorization,
  keyAuthorization,
} from './testing/acme-authenticator.ts';
import { HeldSink } from './testing/held-sink.ts';
import type { GatewayHop, GatewayPorts } from './gateway.ts';

export type Outcome = 'receipt' | ErrorCode;

/** The member under test, started with `requestsInFlightMax` 4 or its like, and a client of its protocol. */
export interface GatewayUnderTest {
  /** Sends one message as its sender would; resolves with what the sender hears. */
  send(authorization: string, payload: Uint8Array): Promise<Outcome>;
  /** Sends one message that names its device, as a program with a key of the tenant does. */
  sendFor(deviceUid: string, authorization: string, payload: Uint8Array): Promise<Outcome>;
  /** Sends, with a key of the tenant, what should name a device and cannot be read. */
  sendMalformed(authorization: string): Promise<Outcome>;
  stop(): Promise<void>;
}

export interface GatewayMember {
  readonly name: string;
  /** Longer than it waits for a confirmation. */
  readonly confirmMsMax: number;
  /** One byte more than a payload may have. */
  readonly oversizedBytes: number;
  start(ports: GatewayPorts): Promise<GatewayUnderTest>;
  /** A clock that stands still until it is moved. */
  clock(): SteppedClock;
}

export interface SteppedClock extends Clock {
  readonly sleeping: number;
  advance(ms: number): Promise<void>;
}

/** What the sink says of a tenant with ten messages a second that has sent too many. */
export const reachedQuota = new MillraceError(
  'quota_exceeded',
  'The tenant may have 10 messages per second; send again in 3 s.',
  { quota: { name: 'messagesPerSecond', limit: 10, retryAfterSeconds: 3 } },
);

const payload = new Uint8Array([1, 2, 0, 255]);

export class CountingHop implements GatewayHop {
  taken = 0;
  readonly refused: Partial<Record<ErrorCode, number>> = {};

  in(messages: number): void {
    this.taken += messages;
  }

  rejected(code: ErrorCode, messages: number): void {
    this.refused[code] = (this.refused[code] ?? 0) + messages;
  }
}

export function gatewaySuite(member: GatewayMember): void {
  describe(`the ${member.name} gateway`, () => {
    let sink: HeldSink;
    let hop: CountingHop;
    let clock: SteppedClock;
    let failures: unknown[];
    let gateway: GatewayUnderTest;
    let authenticator: AcmeAuthenticator;

    beforeEach(async () => {
      sink = new HeldSink();
      hop = new CountingHop();
      clock = member.clock();
      failures = [];
      const failed = (error: unknown): void => void failures.push(error);
      authenticator = new AcmeAuthenticator();
      gateway = await member.start({
        sink,
        authenticator,
        tokens: new AcmeTokenDesk(),
        hop,
        clock,
        failed,
      });
    });

    afterEach(async () => {
      sink.release();
      await gateway.stop();
    });

    test('hands a message over as it was sent, under the device of its credential', async () => {
      expect(await gateway.send(deviceAuthorization, payload)).toBe('receipt');
      expect(sink.messages).toHaveLength(1);
      expect(sink.messages[0]).toMatchObject({ tenant: 'acme', deviceUid: 'd1', repeated: false });
      expect(new Uint8Array(sink.messages[0]!.payload)).toEqual(payload);
    });

    test('refuses a wrong credential', async () => {
      expect(await gateway.send(`Basic ${btoa('acme/d1:wrong')}`, payload)).toBe('unauthenticated');
      expect(sink.messages).toEqual([]);
    });

    test('waits until a credential that is unknown here was asked for elsewhere; others do not', async () => {
      const asked = Promise.withResolvers<void>();
      authenticator.preparation = () => asked.promise;
      let heard: Outcome | undefined;
      const sent = gateway.send(deviceAuthorization, payload).then((outcome) => (heard = outcome));
      await vi.waitFor(() => expect(authenticator.preparation).toBeUndefined());
      expect(await gateway.send(deviceAuthorization, payload)).toBe('receipt');
      expect(heard).toBeUndefined();
      asked.resolve();
      expect(await sent).toBe('receipt');
    });

    test('tells the sender to come again when nobody could be asked', async () => {
      authenticator.preparation = async () => {
        throw new MillraceError('issuer_unavailable', 'It does not answer.');
      };
      expect(await gateway.send(deviceAuthorization, payload)).toBe('issuer_unavailable');
      expect(sink.messages).toEqual([]);
    });

    test('refuses a disabled device', async () => {
      expect(await gateway.send(disabledAuthorization, payload)).toBe('device_disabled');
      expect(sink.messages).toEqual([]);
    });

    test('a key of the tenant sends for each of its devices that is not disabled, and for no other', async () => {
      expect(await gateway.sendFor('d2', keyAuthorization, payload)).toBe('receipt');
      expect(sink.messages).toMatchObject([{ tenant: 'acme', deviceUid: 'd2' }]);
      expect(await gateway.sendFor('absent', keyAuthorization, payload)).toBe('unknown_device');
      expect(await gateway.sendFor('off', keyAuthorization, payload)).toBe('device_disabled');
      expect(await gateway.sendFor('d2', 'Bearer wrong', payload)).toBe('unauthenticated');
      expect(sink.messages).toHaveLength(1);
    });

    test('a device cannot send for another one', async () => {
      expect(await gateway.sendFor('d2', deviceAuthorization, payload)).toBe('not_allowed');
      expect(sink.messages).toEqual([]);
    });

    test('refuses what cannot be read', async () => {
      expect(await gateway.sendMalformed(keyAuthorization)).toBe('malformed_body');
      expect(sink.messages).toEqual([]);
    });

    test('refuses an empty message', async () => {
      expect(await gateway.send(deviceAuthorization, new Uint8Array())).toBe('empty_body');
    });

    test('refuses a message that is too large', async () => {
      const large = new Uint8Array(member.oversizedBytes);
      expect(await gateway.send(deviceAuthorization, large)).toBe('body_too_large');
      expect(await gateway.send(deviceAuthorization, large.subarray(1))).toBe('receipt');
    });

    test('gives the receipt after the message is durable, not before', async () => {
      sink.hold();
      let heard: Outcome | undefined;
      const sent = gateway.send(deviceAuthorization, payload).then((outcome) => (heard = outcome));
      await vi.waitFor(() => expect(sink.messages).toHaveLength(1));
      expect(heard).toBeUndefined();
      sink.release();
      expect(await sent).toBe('receipt');
    });

    test('tells the sender to come again when no more can be in flight, and takes messages when there is room', async () => {
      sink.full = true;
      expect(await gateway.send(deviceAuthorization, payload)).toBe('overloaded');
      expect(sink.messages).toEqual([]);
      sink.full = false;
      expect(await gateway.send(deviceAuthorization, payload)).toBe('receipt');
      expect(sink.messages).toHaveLength(1);
    });

    test('tells a sender whose tenant has reached its quota so, and takes messages when there is room again', async () => {
      sink.failure = reachedQuota;
      expect(await gateway.send(deviceAuthorization, payload)).toBe('quota_exceeded');
      expect(await gateway.sendFor('d2', keyAuthorization, payload)).toBe('quota_exceeded');
      expect(sink.messages).toEqual([]);
      expect(hop.taken).toBe(0);
      sink.failure = undefined;
      expect(await gateway.send(deviceAuthorization, payload)).toBe('receipt');
    });

    test('does not let the sender wait for ever; the message goes its way all the same', async () => {
      sink.hold();
      const sent = gateway.send(deviceAuthorization, payload);
      await vi.waitFor(() => expect(sink.messages).toHaveLength(1));
      await clock.advance(member.confirmMsMax);
      expect(await sent).toBe('stream_unavailable');
      sink.release();
      expect(await gateway.send(deviceAuthorization, payload)).toBe('receipt');
    });

    test('keeps the reason of an unforeseen failure to the log', async () => {
      sink.failure = new TypeError('inside');
      expect(await gateway.send(deviceAuthorization, payload)).toBe('internal');
      expect(failures).toEqual([sink.failure]);
    });

    test('lets a message in flight get its receipt when it stops', async () => {
      sink.hold();
      const sent = gateway.send(deviceAuthorization, payload);
      await vi.waitFor(() => expect(sink.messages).toHaveLength(1));
      const stopped = gateway.stop();
      sink.release();
      expect(await sent).toBe('receipt');
      await stopped;
    });

    test('stops in bounded time even when Kafka never answers', async () => {
      sink.hold();
      const sent = gateway.send(deviceAuthorization, payload).catch(() => 'no answer');
      await vi.waitFor(() => expect(sink.messages).toHaveLength(1));
      const stopped = gateway.stop();
      await vi.waitFor(() => expect(clock.sleeping).toBe(2));
      await clock.advance(member.confirmMsMax - 1);
      await stopped;
      expect(await sent).toBe('no answer');
    });

    test('counts each message that it refuses itself, and none that it handed over', async () => {
      await gateway.send(deviceAuthorization, payload);
      await gateway.send(disabledAuthorization, payload);
      await gateway.send(deviceAuthorization, new Uint8Array());
      await gateway.send('Bearer wrong', payload);
      await gateway.sendMalformed(keyAuthorization);
      sink.failure = new MillraceError('stream_unavailable', 'Kafka refused the records.');
      await gateway.send(deviceAuthorization, payload);
      expect(hop).toMatchObject({
        taken: 4,
        refused: { device_disabled: 1, empty_body: 1, unauthenticated: 1, malformed_body: 1 },
      });
    });
  });
}
