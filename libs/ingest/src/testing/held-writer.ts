/** A writer whose producer and clock obey the test. */
import type { OutgoingRecord } from '@millrace/kafka';
import { ManualClock } from '@millrace/testkit';
import { type Admission, RawWriter, type RawWriterOptions } from '../raw-writer.ts';
import { newCodec } from './received.ts';

export const lingerMs = 5;
const limits = { lingerMs, messagesInFlightMax: 1_000, bytesInFlightMax: 10_000_000 };
const gateway = { ...limits, ingestor: 'gateway-1', protocol: 'http', connectionId: null, epoch: -1 };

export function newHeldWriter(own: Partial<RawWriterOptions> = {}) {
  const clock = new ManualClock(1_700_000_000_000);
  const producer = new HeldProducer();
  const accounting = new Counts();
  const writer = new RawWriter({
    ...gateway,
    codec: newCodec(),
    admission: openAdmission,
    producer,
    accounting,
    clock,
    ...own,
  });
  return { writer, producer, clock, counts: accounting.counts };
}

/** Nobody has a quota. */
export const openAdmission: Admission = { admit() {}, giveBack() {} };

/** Keeps what is sent and answers when the test says so. */
class HeldProducer {
  readonly sent: OutgoingRecord[] = [];
  readonly #held: PromiseWithResolvers<void>[] = [];

  send(records: readonly OutgoingRecord[], signal: AbortSignal): Promise<void> {
    const answer = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => answer.reject(signal.reason));
    this.sent.push(...records);
    this.#held.push(answer);
    return answer.promise;
  }

  get inFlight(): number {
    return this.#held.length;
  }

  succeed(): void {
    this.#held.shift()!.resolve();
  }

  fail(error: Error): void {
    this.#held.shift()!.reject(error);
  }
}

class Counts {
  readonly counts: Record<string, number> = {};
  readonly in = (messages: number): void => this.#add('in', messages);
  readonly out = (messages: number): void => this.#add('out', messages);
  readonly rejected = (code: string, messages: number): void => this.#add(code, messages);

  #add(end: string, messages: number): void {
    this.counts[end] = (this.counts[end] ?? 0) + messages;
  }
}
