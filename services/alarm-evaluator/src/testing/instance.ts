/** An instance of the evaluator on a stream that outlives it, without Kafka. */
import { type DataRowList, MillraceError } from '@millrace/contracts';
import type { DeadLetter } from '@millrace/kafka';
import { Accounting, emitterOf, type HopReport, Metrics } from '@millrace/observe';
import { ManualClock } from '@millrace/testkit';
import { DeviceGrace } from '../device-grace.ts';
import { Evaluation } from '../evaluation.ts';
import { evaluatorEvents } from '../evaluator-events.ts';
import { OwnedPartition } from '../owned-partition.ts';
import { PartitionAlarms } from '../partition-alarms.ts';
import { PartitionOwner } from '../partition-owner.ts';
import { codecs, FakeConfiguration, type FakeStream, jsonCodec } from './fakes.ts';

export class Instance {
  readonly clock = new ManualClock(1_000);
  readonly letters: DeadLetter[] = [];
  readonly assignment = new AbortController();
  readonly #accounting = new Accounting('alarm-evaluator', 'test');
  readonly #stream: FakeStream;
  readonly evaluation: Evaluation;

  constructor(stream: FakeStream, configuration = new FakeConfiguration('oven-1', 'oven-2')) {
    this.#stream = stream;
    const decode = (bytes: Buffer): DataRowList => {
      if (bytes.toString() === 'garbage') throw new MillraceError('undecodable_record', 'Garbage.');
      return jsonCodec.decode(bytes);
    };
    this.evaluation = new Evaluation({
      owner: new PartitionOwner((partition) => {
        const alarms = new PartitionAlarms(configuration.plans(), stream.states());
        const input = { groupId: 'group', topic: 'telemetry.points.v1', partition };
        return Promise.resolve(new OwnedPartition(input, alarms, stream.committed, stream, codecs));
      }),
      points: { decode },
      deadLetters: { write: (letters) => Promise.resolve(void this.letters.push(...letters)) },
      grace: new DeviceGrace(configuration, this.clock),
      isDeleted: (tenant) => configuration.isDeleted(tenant),
      hop: this.#accounting.hop('evaluate'),
      emit: emitterOf(evaluatorEvents, { write: () => undefined }, new Metrics('alarm-evaluator')),
      onStored: () => undefined,
      clock: this.clock,
    });
  }

  /** Takes the records from an offset on. */
  async evaluate(from = 0, to?: number): Promise<void> {
    await this.evaluation.evaluate(this.#stream.batch(from, this.assignment.signal, to));
  }

  get hop(): HopReport | undefined {
    return this.#accounting.report().hops[0];
  }
}

/** Its transitions, in order. */
export const stepsOf = (stream: FakeStream): string[] =>
  stream.events().map(({ deviceUid, transition, timeMicros }) => `${deviceUid} ${transition} ${timeMicros}`);
