import { type ConfigurationPosition, topics } from '@millrace/contracts';
import type { OutgoingRecord } from '@millrace/kafka';
import { WorkInProgress } from '@millrace/kernel';
import { ManualClock } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { PositionReporter } from './position-reporter.ts';

const topic = topics.configDevices.name;

/** A service whose configuration moves when the test says so, and a Kafka that may be away. */
class Instance {
  readonly clock = new ManualClock(1_000);
  /** `[ms, offset]` of each report, null for the one that was taken back. */
  readonly reports: (readonly [number, number | null])[] = [];
  readonly failures: unknown[] = [];
  isAway = false;
  readonly work = new WorkInProgress();
  /** Settled offset of each report. */
  readonly settled: (number | undefined)[] = [];
  #offset = -1n;
  #moved = Promise.withResolvers<void>();

  readonly reporter = new PositionReporter({
    service: 'parser',
    instance: 'parser-1',
    clock: this.clock,
    followed: {
      offsets: () => new Map([[topic, this.#offset]]),
      moved: async (from) => {
        while (from.get(topic) === this.#offset) await this.#moved.promise;
      },
    },
    work: this.work,
    codec: { encode: (position) => Buffer.from(JSON.stringify(position)) },
    producer: {
      send: async (records) => {
        if (this.isAway) throw new Error('Kafka is away.');
        for (const record of records) this.#take(record);
        return undefined as never;
      },
    },
    onFailure: (error) => void this.failures.push(error),
  });

  move(offset: bigint): void {
    this.#offset = offset;
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }

  #take({ topic: to, key, value }: OutgoingRecord): void {
    expect([to, key]).toEqual([topics.configPositions.name, 'parser/parser-1']);
    const position = value && (JSON.parse(String(value)) as ConfigurationPosition);
    if (position) expect(position).toMatchObject({ service: 'parser', instance: 'parser-1' });
    if (position) expect(position.reportedAtMicros).toBe(Math.floor(this.clock.nowMs() * 1_000));
    this.settled.push(position?.settledOffsets[topic]);
    this.reports.push([this.clock.nowMs(), position?.offsets[topic] ?? null]);
  }
}

test('an instance reports when it begins, then every half a minute as long as nothing moves', async () => {
  const { reporter, clock, reports } = new Instance();
  reporter.start();
  await clock.advance(0);
  expect(reports).toEqual([[1_000, -1]]);
  await clock.advance(65_000);
  expect(reports.length).toBe(3);
  const [first, second] = [reports[1]![0] - 1_000, reports[2]![0] - reports[1]![0]];
  expect([first, second].every((ms) => ms >= 30_000 && ms < 30_100)).toBe(true);
});

test('a move is reported within a blink, and many moves at most four times a second, the last one always', async () => {
  const instance = new Instance();
  const { reporter, clock, reports } = instance;
  reporter.start();
  await clock.advance(5_000);
  instance.move(7n);
  await clock.advance(50);
  expect(reports.slice(1)).toEqual([[6_020, 7]]);
  for (let offset = 8n; offset < 108n; offset += 1n) {
    instance.move(offset);
    await clock.advance(10);
  }
  await clock.advance(300);
  expect(reports.length - 2).toBeLessThanOrEqual(5);
  expect(reports.at(-1)).toMatchObject([expect.any(Number), 107]);
});

test('what moved while Kafka was away is reported when it is back', async () => {
  const instance = new Instance();
  const { reporter, clock, reports, failures } = instance;
  instance.isAway = true;
  reporter.start();
  await clock.advance(20_000);
  expect([reports.length, failures.length > 1]).toEqual([0, true]);
  instance.move(3n);
  instance.isAway = false;
  await clock.advance(15_000);
  expect(reports.map(([, offset]) => offset)).toEqual([3]);
});

test('an instance that stops takes its report back, one that never began has none', async () => {
  const { reporter, clock, reports } = new Instance();
  reporter.start();
  await clock.advance(1_000);
  await reporter.stop();
  expect(reports.map(([, offset]) => offset)).toEqual([-1, null]);
  await clock.advance(60_000);
  expect(reports.length).toBe(2);
  const idle = new Instance();
  await idle.reporter.stop();
  expect(idle.reports).toEqual([]);
});

test('what was applied is settled when everything has ended that had begun before, and that is reported at once', async () => {
  const instance = new Instance();
  const { reporter, clock, reports, settled, work } = instance;
  reporter.start();
  await clock.advance(1_000);
  expect(settled).toEqual([-1]);
  const ended = work.begin();
  instance.move(7n);
  await clock.advance(1_000);
  work.begin();
  expect([reports.at(-1)?.[1], settled.at(-1)]).toEqual([7, -1]);
  ended();
  await clock.advance(300);
  expect([reports.at(-1)?.[1], settled.at(-1)]).toEqual([7, 7]);
});
