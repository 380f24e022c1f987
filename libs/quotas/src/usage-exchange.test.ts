import type { QuotaUsage } from '@millrace/contracts';
import { ManualClock } from '@millrace/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RateQuota, reserveSeconds } from './rate-quota.ts';
import { TestTenants } from './testing/tenants.ts';
import { UsageExchange } from './usage-exchange.ts';

const limit = 100;
const stepMs = 100;

/** Processes that hear each other 200 ms after they spoke. */
class Installation {
  readonly clock = new ManualClock();
  readonly tenants = new TestTenants().set('acme', { messagesPerSecond: limit }).set('free', null);
  readonly said: QuotaUsage[] = [];
  /** While true nobody is heard. */
  silent = false;
  readonly quotas: readonly RateQuota[];
  readonly #exchanges: readonly UsageExchange[];

  constructor(processes: number) {
    this.quotas = Array.from({ length: processes }, () => new RateQuota('messagesPerSecond', this.tenants, this.clock));
    const say = async (report: QuotaUsage): Promise<void> => {
      this.said.push(report);
      await this.clock.sleep(200);
      if (!this.silent) for (const exchange of this.#exchanges) exchange.hear(report);
    };
    this.#exchanges = this.quotas.map((quota) => new UsageExchange(quota, { say }, this.clock));
    for (const exchange of this.#exchanges) exchange.start();
  }

  /** Each process is asked for its messages in every step, one by one; what was taken by each. */
  async run(steps: number, perStep: readonly number[]): Promise<readonly number[]> {
    const taken = this.quotas.map(() => 0);
    for (let step = 0; step < steps; step += 1) {
      for (const [index, quota] of this.quotas.entries())
        for (let message = 0; message < (perStep[index] ?? 0); message += 1)
          if (!quota.take('acme', 1)) taken[index]! += 1;
      await this.clock.advance(stepMs);
    }
    return taken;
  }

  async stop(): Promise<void> {
    const stopped = Promise.all(this.#exchanges.map((exchange) => exchange.stop()));
    await this.clock.advance(1_000);
    await stopped;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

let two: Installation;

beforeEach(() => {
  two = new Installation(2);
});

afterEach(() => two.stop());

test('two instances that are both asked for more keep to one limit together, each with its half', async () => {
  await two.run(150, [100, 100]);
  const [one = 0, other = 0] = await two.run(100, [100, 100]);
  expect(one + other).toBeGreaterThan(limit * 10 * 0.98);
  expect(one + other).toBeLessThan(limit * 10 * 1.02);
  expect(Math.abs(one - other)).toBeLessThan(limit);
});

test('what one instance does not need the other one has', async () => {
  await two.run(150, [100, 2]);
  const [busy = 0, quiet = 0] = await two.run(100, [100, 2]);
  expect(quiet).toBe(200);
  expect(busy).toBeGreaterThan(limit * 10 - 200 - 50);
  expect(busy + quiet).toBeLessThan(limit * 10 * 1.02);
});

test('the first seconds after a silence may exceed the limit by no more than the others have in reserve', async () => {
  const taken = sum(await two.run(200, [100, 100]));
  const exact = limit * (20 + reserveSeconds);
  expect(taken).toBeGreaterThan(exact);
  expect(taken).toBeLessThan(exact + limit * (reserveSeconds + 2));
});

test('an instance that is not heard any more leaves its part within seconds', async () => {
  await two.run(100, [100, 100]);
  two.silent = true;
  await two.run(50, [100, 0]);
  const [alone] = await two.run(100, [100, 0]);
  expect(alone).toBeGreaterThan(limit * 10 * 0.98);
});

test('nothing is said while no tenant with a limit sends, and the end of it is said once', async () => {
  two.quotas[0]!.take('free', 1_000);
  await two.clock.advance(5_000);
  expect(two.said).toEqual([]);
  two.quotas[0]!.take('acme', 1);
  await two.clock.advance(5_000);
  expect(two.said.map(({ quota, uses }) => [quota, uses])).toEqual([
    ['messagesPerSecond', [{ tenant: 'acme', perSecond: 1 }]],
    ['messagesPerSecond', []],
  ]);
});

test('reports of another quota are not ours', async () => {
  const exchange = new UsageExchange(two.quotas[0]!, { say: () => Promise.resolve() }, two.clock);
  exchange.hear({ reporter: 'x', quota: 'pointsPerSecond', uses: [{ tenant: 'acme', perSecond: null }] });
  exchange.start();
  two.quotas[0]!.take('acme', 1);
  await two.clock.advance(1_000);
  expect(two.quotas[0]!.take('acme', limit * reserveSeconds)).toBeUndefined();
  const stopped = exchange.stop();
  await two.clock.advance(1_000);
  await stopped;
});

test('however the work moves between instances, no more is taken than the limit and a bounded excess for each move', async () => {
  const phases = fc.array(fc.array(fc.constantFrom(0, 1, 3, 10, 50), { minLength: 3, maxLength: 3 }), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(phases, async (all) => {
      const three = new Installation(3);
      let taken = 0;
      for (const perStep of all) taken += sum(await three.run(50, perStep));
      await three.stop();
      const excess = limit * (reserveSeconds + 2) * 2;
      expect(taken).toBeLessThanOrEqual(limit * 5 * all.length + limit * reserveSeconds + excess * all.length);
    }),
    { numRuns: 15 },
  );
});
