/** Small real fakes of a connector's ports, for tests: a sink that holds, and records of what happened. */
import { type ErrorCode, MillraceError, type ReceivedMessage } from '@millrace/contracts';
import { type Clock, systemClock } from '@millrace/kernel';
import type { ConnectorPorts, KnownDevice, RejectedMessage } from '../connector.ts';

/** Takes everything and holds it until told that it is durable. */
export class HoldingSink {
  readonly held: { readonly messages: readonly ReceivedMessage[]; readonly settle: (error?: Error) => void }[] = [];
  readonly taken: ReceivedMessage[] = [];
  /** While true it has no room. */
  overloaded = false;
  /** What it says to everything, if it does. */
  refusal: MillraceError | undefined;
  /** While true everything is durable at once. */
  open = false;

  /** See `MessageSink`. */
  accept(messages: readonly ReceivedMessage[]): Promise<readonly Uint8Array[]> {
    if (this.overloaded) return Promise.reject(new MillraceError('overloaded', 'No room.'));
    if (this.refusal) return Promise.reject(this.refusal);
    this.taken.push(...messages);
    if (this.open) return Promise.resolve([]);
    const { promise, resolve, reject } = Promise.withResolvers<readonly Uint8Array[]>();
    this.held.push({ messages, settle: (error) => (error ? reject(error) : resolve([])) });
    return promise;
  }

  get payloads(): readonly string[] {
    return this.taken.map(({ payload }) => Buffer.from(payload).toString());
  }

  /** All that is held is durable now. */
  release(): void {
    for (const { settle } of this.held.splice(0)) settle();
  }
}

export interface FakePorts extends ConnectorPorts {
  readonly sink: HoldingSink;
  mayConnect: ConnectorPorts['mayConnect'];
  outboundAllowed: readonly string[];
  readonly kept: RejectedMessage[];
  readonly counts: Record<string, number>;
  /** Names of the events that happened, with their fields. */
  readonly happened: (readonly [string, object])[];
}

/** Ports whose devices are every uid and code of the form `d<number>`. Delays are the longest that chance allows. */
export function fakePorts(clock: Clock = systemClock): FakePorts {
  const sink = new HoldingSink();
  const kept: RejectedMessage[] = [];
  const counts: Record<string, number> = {};
  const happened: (readonly [string, object])[] = [];
  const count = (name: string, messages: number) => (counts[name] = (counts[name] ?? 0) + messages);
  const note = (name: string) => (fields: object) => void happened.push([name, fields]);
  const find = (name: string): KnownDevice | undefined =>
    /^d\d+$/.test(name) ? { deviceUid: name, state: 'active' } : undefined;
  return {
    sink,
    kept,
    counts,
    happened,
    devices: { byUid: find, byIdentificationCode: find },
    rejectedMessages: { keep: (rejected) => Promise.resolve(void kept.push(...rejected)) },
    hop: {
      in: (messages) => count('in', messages),
      out: (messages) => count('out', messages),
      rejected: (code: ErrorCode, messages) => count(code, messages),
      repeated: (messages) => count('repeated', messages),
    },
    events: {
      connected: note('connected'),
      lost: note('lost'),
      subscriptionRefused: note('subscriptionRefused'),
      paused: note('paused'),
      resumed: note('resumed'),
      messagesRejected: note('messagesRejected'),
      readsFailed: note('readsFailed'),
      answerUnchanged: () => void happened.push(['answerUnchanged', {}]),
    },
    mayConnect: () => true,
    outboundAllowed: [],
    clock,
    random: () => 1 - Number.EPSILON,
  };
}

/** Time that runs faster than the machine's. */
export function hastyClock(factor: number): Clock {
  return {
    nowMs: () => systemClock.nowMs() * factor,
    monotonicMs: () => systemClock.monotonicMs() * factor,
    sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
  };
}
