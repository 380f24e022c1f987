/**
 * Tells the events of a batch to whom they concern. All deliveries of the batch make a step; events whose deliveries have
 * all ended are done, up to the first one that waits: from there the partition is read again after a short pause. So
 * nothing outlives its batch, a partition is never held by one mailbox, and who waits is bounded by time.
 */
import {
  type AlarmEvent,
  type AlarmRuleConfig,
  asMillraceError,
  type ErrorCode,
  MillraceError,
} from '@millrace/contracts';
import type { AvroCodec, ConsumedRecord, DeadLetterWriter, RecordBatch } from '@millrace/kafka';
import type { Clock } from '@millrace/kernel';
import type { Emitter, Hop } from '@millrace/observe';
import type { Courier, DeliveryState } from './courier.ts';
import { deliveriesOf } from './delivery.ts';
import { eventMsMax } from './ledger.ts';
import type { notifierEvents } from './notifier-events.ts';

/** Configuration travels in well under a second; a rule that is unknown for longer was deleted. */
const ruleMsMax = 5_000;

/** A channel that is away for longer is an outage that people have to hear of by other means: the dead letters. */
const outageMsMax = 15 * 60_000;

export interface NotifierParts {
  readonly codec: Pick<AvroCodec<AlarmEvent>, 'decode'>;
  /** Why the tenant's people are told nothing; undefined: it is active. */
  readonly refusalOf: (tenant: string) => MillraceError | undefined;
  readonly ruleOf: (tenant: string, ruleId: string) => AlarmRuleConfig | undefined;
  readonly courier: Pick<Courier, 'step'>;
  readonly deadLetters: Pick<DeadLetterWriter, 'write'>;
  readonly hop: Hop;
  readonly emit: Emitter<typeof notifierEvents>;
  readonly clock: Clock;
}

/** How an event stands after a pass: all but `waiting` are ends. An error is why it is told to nobody. */
type EventState = 'done' | 'known' | 'deadLettered' | 'tooOld' | 'waiting' | MillraceError;

export class Notifier {
  readonly #parts: NotifierParts;
  /** When this process first saw an assignment: the time in which nobody read the events is not theirs. */
  readonly #assignedAtMs = new WeakMap<AbortSignal, number>();

  constructor(parts: NotifierParts) {
    this.#parts = parts;
  }

  /** Settles the events that are done; throws `channel_unavailable` while others wait for their next attempt. */
  async notify(batch: RecordBatch): Promise<void> {
    const { hop } = this.#parts;
    const messages = batch.records.length;
    const states: EventState[] = [];
    hop.in(messages);
    try {
      await this.#notifyHeld(batch, states);
    } finally {
      hop.givenBack(messages - states.length);
    }
  }

  /** Appends how each event ended to `states`, up to the first that waits. */
  async #notifyHeld(batch: RecordBatch, states: EventState[]): Promise<void> {
    const { clock } = this.#parts;
    if (!this.#assignedAtMs.has(batch.signal)) this.#assignedAtMs.set(batch.signal, clock.nowMs());
    // All of them end before this does: no work outlives its batch.
    const passes = await Promise.allSettled(batch.records.map((record) => this.#pass(record, batch)));
    batch.signal.throwIfAborted();
    for (const pass of passes) {
      if (pass.status === 'rejected' || pass.value === 'waiting') break;
      states.push(pass.value);
    }
    batch.settle(states.length);
    this.#count(states, batch.partition);
    const failed = passes.find((pass) => pass.status === 'rejected');
    if (failed) throw failed.reason;
    const waiting = passes.length - states.length;
    if (waiting > 0) throw new MillraceError('channel_unavailable', 'Notifications wait for their next attempt.');
  }

  async #pass(record: ConsumedRecord, batch: RecordBatch): Promise<EventState> {
    const { refusalOf, ruleOf, clock, codec } = this.#parts;
    let event: AlarmEvent;
    try {
      if (record.value === null) throw new MillraceError('undecodable_record', 'The record has no value.');
      event = codec.decode(record.value);
    } catch (error) {
      const failure = asMillraceError(error);
      if (failure.retry !== 'never') throw failure;
      return this.#putAside(record, batch, failure, 1);
    }
    const refusal = refusalOf(event.tenant);
    if (refusal) return refusal;
    const nowMs = clock.nowMs();
    if (event.receivedAtMicros / 1_000 < nowMs - eventMsMax) return 'tooOld';
    const rule = ruleOf(event.tenant, event.ruleId);
    if (rule) return rule.notify.length === 0 ? 'done' : this.#deliver(event, rule, record, batch);
    if (nowMs < this.#waitFromMs(record, batch) + ruleMsMax) return 'waiting';
    const unknown = new MillraceError('not_found', `The tenant has no alarm rule ${event.ruleId}.`);
    return this.#putAside(record, batch, unknown, 1);
  }

  async #deliver(
    event: AlarmEvent,
    rule: AlarmRuleConfig,
    record: ConsumedRecord,
    batch: RecordBatch,
  ): Promise<EventState> {
    const waitUntilMs = this.#waitFromMs(record, batch) + outageMsMax;
    const putAside = async (reason: MillraceError, attempt: number): Promise<void> => {
      await this.#putAside(record, batch, reason, attempt);
    };
    const steps = deliveriesOf(event, rule).map((delivery) =>
      this.#parts.courier.step({ delivery, waitUntilMs, putAside }, batch.signal),
    );
    const results = await Promise.allSettled(steps);
    const states: DeliveryState[] = [];
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason;
      states.push(result.value);
    }
    if (states.includes('waiting')) return 'waiting';
    if (states.includes('abandoned')) return 'deadLettered';
    return states.every((state) => state === 'known') ? 'known' : 'done';
  }

  async #putAside(
    { offset, key, value }: ConsumedRecord,
    { topic, partition, signal }: RecordBatch,
    { code, message }: MillraceError,
    attempt: number,
  ): Promise<'deadLettered'> {
    const { deadLetters, clock, emit } = this.#parts;
    const place = { topic, partition, offset, index: null, key, value };
    const why = { code, message, stage: 'notifier.deliver', attempt, timestampMs: clock.nowMs() };
    await deadLetters.write([{ ...place, ...why }], signal);
    emit.recordPutAside({ partition, offset, code, reason: message });
    return 'deadLettered';
  }

  #waitFromMs({ timestamp }: ConsumedRecord, { signal }: RecordBatch): number {
    return Math.max(Number(timestamp), this.#assignedAtMs.get(signal) ?? 0);
  }

  #count(states: readonly EventState[], partition: number): void {
    const { hop, emit } = this.#parts;
    const counts = { done: 0, known: 0, deadLettered: 0, tooOld: 0, waiting: 0 };
    const withheld = new Map<ErrorCode, number>();
    for (const state of states) {
      if (typeof state === 'string') counts[state] += 1;
      else withheld.set(state.code, (withheld.get(state.code) ?? 0) + 1);
    }
    hop.out(counts.done + counts.tooOld);
    hop.repeated(counts.known);
    hop.deadLettered(counts.deadLettered);
    if (counts.tooOld > 0) emit.eventsTooOld({ partition, events: counts.tooOld });
    for (const [code, events] of withheld) {
      hop.rejected(code, events);
      emit.eventsWithheld({ partition, events, code });
    }
  }
}
