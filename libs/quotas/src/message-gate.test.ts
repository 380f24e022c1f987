import { Metrics } from '@millrace/observe';
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { MessageGate } from './message-gate.ts';
import { devicesExceeded } from './quota-error.ts';
import { QuotaWatch } from './quota-watch.ts';
import { RateQuota } from './rate-quota.ts';
import { TestTenants } from './testing/tenants.ts';

let tenants: TestTenants;
let clock: ManualClock;
let metrics: Metrics;
let lines: { readonly level: string; readonly fields: object }[];
let gate: MessageGate;

beforeEach(() => {
  tenants = new TestTenants().set('acme', { messagesPerSecond: 10 });
  clock = new ManualClock();
  metrics = new Metrics('gateway');
  lines = [];
  const log = { write: (level: string, _sentence: string, fields: object = {}) => void lines.push({ level, fields }) };
  gate = new MessageGate({
    tenants,
    quota: new RateQuota('messagesPerSecond', tenants, clock),
    watch: new QuotaWatch(log, metrics, clock),
  });
});

const series = async (): Promise<readonly string[]> =>
  (await metrics.registry.metrics()).split('\n').filter((line) => line.startsWith('millrace_quota_held_off'));

test('who reached the quota is told which, how much it is and when to come again', () => {
  gate.admit('acme', 75);
  const problem = expect.objectContaining({
    code: 'quota_exceeded',
    retry: 'later',
    status: 429,
    message: 'The tenant may have 10 messages per second; send again in 3 s.',
    quota: { name: 'messagesPerSecond', limit: 10, retryAfterSeconds: 3 },
  });
  expect(() => gate.admit('acme', 1)).toThrow(problem);
});

test('nothing is taken of a tenant that is suspended or deleted, and it is told apart', () => {
  tenants.set('acme', null, 'suspended').set('gone', null, 'deleted');
  expect(() => gate.admit('acme', 1)).toThrow(expect.objectContaining({ code: 'tenant_suspended', status: 403 }));
  expect(() => gate.admit('gone', 1)).toThrow(expect.objectContaining({ code: 'tenant_deleted', retry: 'never' }));
  tenants.set('acme', null);
  expect(() => gate.admit('acme', 1)).not.toThrow();
});

test('a tenant whose configuration is on its way is let through', () => {
  expect(() => gate.admit('new', 1)).not.toThrow();
});

test('a tenant that reaches its quota is in the log once a minute at most, and every message in the metric', async () => {
  gate.admit('acme', 5_000);
  for (let second = 0; second < 61; second += 1) {
    expect(() => gate.admit('acme', 7)).toThrow();
    await clock.advance(1_000);
  }
  expect(lines.map(({ level, fields }) => [level, fields])).toEqual([
    ['warn', { event: 'quotaReached', tenant: 'acme', quota: 'messagesPerSecond', limit: 10, messages: 7 }],
    ['warn', { event: 'quotaReached', tenant: 'acme', quota: 'messagesPerSecond', limit: 10, messages: 60 * 7 }],
  ]);
  expect(await series()).toEqual([
    `millrace_quota_held_off_messages_total{tenant="acme",quota="messagesPerSecond"} ${61 * 7}`,
  ]);
});

test('a hundred tenants have a time series of their own, the others share one', async () => {
  const watch = new QuotaWatch({ write: () => undefined }, (metrics = new Metrics('gateway')), clock);
  for (let tenant = 0; tenant < 150; tenant += 1) watch.heldOff(`t${tenant}`, 'messagesPerSecond', 1, 2);
  const all = await series();
  expect(all).toHaveLength(101);
  expect(all.at(-1)).toContain('{tenant="_others",quota="messagesPerSecond"} 100');
});

test.each([
  [null, 1_000_000, 1, undefined],
  [{ devices: null }, 1_000_000, 1, undefined],
  [{ devices: 10 }, 9, 1, undefined],
  [{ devices: 10 }, 9, 2, 10],
  [{ devices: 10 }, 12, 1, 10],
  [{ devices: 0 }, 0, 1, 0],
] as const)(
  'with the quotas %j and %i devices, %i more: the limit that is in the way is %s',
  (quotas, has, more, limit) => {
    const error = devicesExceeded(quotas, has, more);
    expect(error?.quota).toEqual(limit === undefined ? undefined : { name: 'devices', limit, retryAfterSeconds: null });
  },
);
