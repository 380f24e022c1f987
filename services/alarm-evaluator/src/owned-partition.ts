/** One input partition while this instance owns it: its alarms, and the only way to store what changed. */
import type { AlarmEvent } from '@millrace/contracts';
import type { TransactionWork } from '@millrace/kafka';
import { type AlarmCodecs, eventRecord, statesRecord } from './alarm-records.ts';
import type { PartitionAlarms, Transitions } from './partition-alarms.ts';

interface TransactionPort {
  transaction(work: TransactionWork): Promise<unknown>;
  close(): Promise<void>;
}

/** Where the input comes from, as its group's offsets name it. */
export interface Input {
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
}

export class OwnedPartition {
  readonly alarms: PartitionAlarms;
  /** The checkpoint covers everything before this offset: records that come again are not evaluated again. */
  readonly resumeOffset: bigint;
  readonly #input: Input;
  readonly #producer: TransactionPort;
  readonly #codecs: AlarmCodecs;

  constructor(
    input: Input,
    alarms: PartitionAlarms,
    resumeOffset: bigint,
    producer: TransactionPort,
    codecs: AlarmCodecs,
  ) {
    this.#input = input;
    this.alarms = alarms;
    this.resumeOffset = resumeOffset;
    this.#producer = producer;
    this.#codecs = codecs;
  }

  /**
   * Stores the waiting transitions, the checkpoints they lead to and the input offset (the next one to read), all or
   * nothing; resolves with the events. After any error this object is of no more use: the alarms are ahead of what is stored.
   */
  async store(nextOffset: bigint): Promise<readonly AlarmEvent[]> {
    const transitions = this.alarms.take();
    const offsets = { ...this.#input, offset: String(nextOffset) };
    await this.#producer.transaction({ records: this.#recordsOf(transitions), offsets });
    return transitions.events;
  }

  close(): Promise<void> {
    return this.#producer.close();
  }

  #recordsOf({ events, states }: Transitions) {
    const { partition } = this.#input;
    return [
      ...events.map((event) => eventRecord(event, partition, this.#codecs)),
      ...states.map((each) => statesRecord(each, partition, this.#codecs)),
    ];
  }
}
