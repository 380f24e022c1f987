/**
 * One message on its way, as it is really seen: its records in the topics, its rows in the store, the offset that the alarm
 * evaluator committed. Nothing is taken for granted; what is not seen in time is named at the end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type AlarmEvent, asMillraceError, type DataRowList, deadLetterTopicOf, topics } from '@millrace/contracts';
import type { ConsumedRecord, TopicFollower } from '@millrace/kafka';
import type { JourneyStep } from './journey-answers.ts';
import {
  alarmStepOf,
  deadLetterStepOf,
  type JourneyCodecs,
  mayConcern,
  notifiedStepOf,
  parkedStepOf,
  pointsStepOf,
  rawStepOf,
  type Traveller,
} from './journey-records.ts';
import { StepQueue } from './step-queue.ts';

/** The slowest regular way is a late row, which waits some seconds for its lane. */
const journeyMsMax = 30_000;
/** How exact the time is at which rows and offsets are seen. */
const storedPollMs = 50;
const evaluatedPollMs = 200;

export interface JourneyPorts {
  readonly codecs: JourneyCodecs;
  /** Loads the schema that the record names. */
  readonly prepare: (record: ConsumedRecord) => Promise<void> | undefined;
  readonly table: string;
  /** How many of the rows the table shows. */
  readonly countStored: (list: DataRowList, signal: AbortSignal) => Promise<number>;
  /** The next point that the alarm evaluator will read of the partition. */
  readonly evaluatedOffset: (partition: number) => Promise<bigint>;
  /** Who is told of the transition, as `channel recipient`. */
  readonly toldOf: (event: AlarmEvent) => readonly string[];
}

type Waited =
  | 'raw record'
  | 'points or dead letter'
  | 'rows in QuestDB'
  | 'alarm evaluation'
  | `notification ${string}`;

export class Journey {
  readonly #ports: JourneyPorts;
  readonly #steps = new StepQueue<JourneyStep>();
  readonly #ending = new AbortController();
  readonly #waitingFor = new Set<Waited>(['raw record', 'points or dead letter']);
  /** Of transitions it caused, hex. */
  readonly #events = new Set<string>();
  readonly #traveller = Promise.withResolvers<Traveller | undefined>();
  #follower: TopicFollower | undefined;

  constructor(ports: JourneyPorts) {
    this.#ports = ports;
  }

  /** For `followEnd`: waits until it is known which message it is. */
  readonly onRecords = async (topic: string, partition: number, records: readonly ConsumedRecord[]): Promise<void> => {
    const traveller = await this.#traveller.promise;
    if (!traveller) return;
    for (const record of records) {
      const concerns =
        topic === topics.notificationAttempts.name
          ? this.#events.has(String(record.key))
          : mayConcern(record, traveller);
      if (!concerns || record.value === null) continue;
      await this.#ports.prepare(record);
      this.#see(topic, partition, record, record.value, traveller);
    }
  };

  /** The message was not taken, or nobody wants to know any more. */
  end(): void {
    this.#traveller.resolve(undefined);
    this.#ending.abort();
    this.#steps.wake();
  }

  /** What is seen of the message from now on; `follower` hands it to `onRecords`. Ends when all was seen or the time is over. */
  async *steps(traveller: Traveller, follower: TopicFollower): AsyncGenerator<JourneyStep> {
    const limit = AbortSignal.timeout(journeyMsMax);
    limit.addEventListener('abort', () => this.#steps.wake());
    this.#follower = follower;
    this.#traveller.resolve(traveller);
    const isOver = (): boolean => limit.aborted || this.#ending.signal.aborted || this.#waitingFor.size === 0;
    yield* this.#steps.untilOver(isOver);
    yield { step: 'ended', at: now(), waitingFor: [...this.#waitingFor] };
  }

  #see(topic: string, partition: number, record: ConsumedRecord, value: Buffer, traveller: Traveller): void {
    const { codecs } = this.#ports;
    switch (topic) {
      case topics.raw.name: {
        const step = rawStepOf(codecs.raw.decode(value), partition, record, traveller);
        if (step) this.#done('raw record', step);
        break;
      }
      case topics.parked.name: {
        const step = parkedStepOf(codecs.parked.decode(value), partition, record, traveller);
        if (step) this.#steps.push(step);
        break;
      }
      case topics.points.name: {
        const list = codecs.points.decode(value);
        // Other parts are about sub-devices, in other partitions.
        if (list.messageId.equals(traveller.messageId) && list.part === 0) this.#parsed(list, partition, record);
        break;
      }
      case topics.alarmEvents.name: {
        const event = codecs.alarmEvents.decode(value);
        if (event.messageId.equals(traveller.messageId)) this.#alarmed(event, record);
        break;
      }
      case topics.notificationAttempts.name: {
        const attempt = codecs.attempts.decode(value);
        const step = notifiedStepOf(attempt);
        if (step) this.#steps.push(step);
        if (attempt.outcome === 'delivered' || attempt.outcome === 'abandoned')
          this.#done(`notification ${attempt.channelId} ${attempt.recipient}`);
        break;
      }
      default:
        if (String(record.key) === traveller.deviceKey) this.#putAside(topic, record);
    }
  }

  #parsed(list: DataRowList, partition: number, record: ConsumedRecord): void {
    this.#waitingFor.add('rows in QuestDB').add('alarm evaluation');
    this.#done('points or dead letter', pointsStepOf(list, partition, record));
    void this.#untilStored(list);
    void this.#untilEvaluated(partition, BigInt(record.offset));
  }

  #alarmed(event: AlarmEvent, record: ConsumedRecord): void {
    this.#events.add(event.eventId.toString('hex'));
    for (const told of this.#ports.toldOf(event)) this.#waitingFor.add(`notification ${told}`);
    this.#steps.push(alarmStepOf(event, record));
  }

  /** Nothing comes after it on this branch of the way. */
  #putAside(topic: string, record: ConsumedRecord): void {
    const step = deadLetterStepOf(topic, record);
    if (topic === deadLetterTopicOf(topics.raw.name)) this.#waitingFor.delete('points or dead letter');
    else if (step.stage.startsWith('historian')) this.#waitingFor.delete('rows in QuestDB');
    this.#steps.push(step);
  }

  async #untilStored(list: DataRowList): Promise<void> {
    const { countStored, table } = this.#ports;
    const rows = list.rows.length;
    if (await this.#until(async (signal) => (await countStored(list, signal)) === rows, storedPollMs))
      this.#done('rows in QuestDB', { step: 'stored', at: now(), table, rows });
  }

  async #untilEvaluated(partition: number, offset: bigint): Promise<void> {
    const { evaluatedOffset } = this.#ports;
    const isEvaluated = await this.#until(async (signal) => {
      if ((await evaluatedOffset(partition)) <= offset) return false;
      // What it caused was committed with the offset, and may be read a moment later.
      await this.#follower?.caughtUp(topics.alarmEvents.name, signal);
      return true;
    }, evaluatedPollMs);
    if (isEvaluated) this.#done('alarm evaluation', { step: 'evaluated', at: now(), transitions: this.#events.size });
  }

  /** False: the journey has ended before. A store that is away is asked again. */
  async #until(condition: (signal: AbortSignal) => Promise<boolean>, pollMs: number): Promise<boolean> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        if (await condition(signal)) return true;
      } catch (error) {
        if (!signal.aborted && asMillraceError(error).retry === 'never') return false;
      }
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
    return false;
  }

  #done(waited: Waited, step?: JourneyStep): void {
    this.#waitingFor.delete(waited);
    if (step) this.#steps.push(step);
    else this.#steps.wake();
  }
}

const now = (): string => new Date().toISOString();
