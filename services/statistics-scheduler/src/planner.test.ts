import type { StatisticConfig } from '@millrace/contracts';
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { missedWindowsMax, Planner } from './planner.ts';
import type { PlannedRun } from './run-queue.ts';
import { type CountedEvents, countedEvents } from './testing/counted-events.ts';
import { statisticOf } from './testing/statistics.ts';

const hour = 3_600_000;
const noon = Date.parse('2026-11-21T12:00:00Z');
const { signal } = new AbortController();
const tenants = new Map([
  ['mill', { tenant: 'mill', name: '', retentionClass: '30d', ownTable: false, state: 'active', quotas: null }],
]);

let clock: ManualClock;
let statistics: Map<string, StatisticConfig>;
let deletedTenants: Set<string>;
let forgotten: string[];
/** A run of the tenant is under way. */
let isRunning: boolean;
let storedHours: number[];
let storeFails: boolean;
let added: PlannedRun[];
let events: CountedEvents;
let planner: Planner;

beforeEach(() => {
  clock = new ManualClock(noon + hour / 2);
  statistics = new Map([['mill/mean-temperature', statisticOf({ graceSeconds: 60 })]]);
  deletedTenants = new Set();
  forgotten = [];
  isRunning = false;
  storedHours = [-1, 0];
  storeFails = false;
  added = [];
  events = countedEvents();
  planner = newPlanner();
});

function newPlanner(add: (runs: readonly PlannedRun[]) => Promise<void> = keep): Planner {
  const windowsFrom = async ({ fromMicros }: { readonly fromMicros: number }) => {
    if (storeFails) throw new Error('QuestDB is away.');
    const stored = storedHours.map((hours) => (noon + hours * hour) * 1_000);
    const endsMicros = stored.filter((micros) => micros >= fromMicros);
    return { endsMicros, older: endsMicros.length < stored.length };
  };
  return new Planner({
    configuration: { tenants, statistics, isDeleted: (tenant) => deletedTenants.has(tenant) },
    queue: { add, forget },
    stored: { windowsFrom },
    emit: events.emit,
    clock,
  });
}

async function forget(tenant: string): Promise<boolean> {
  forgotten.push(tenant);
  return !isRunning;
}

async function keep(runs: readonly PlannedRun[]): Promise<void> {
  added.push(...runs);
}

const ends = (): number[] => added.map(({ windowEndMs }) => (windowEndMs - noon) / hour);

test('a window is in the queue before it is due, once, and due when its grace is over', async () => {
  await planner.plan(signal);
  expect(ends()).toEqual([]);
  await clock.advance(hour / 2);
  await planner.plan(signal);
  await planner.plan(signal);
  expect(added).toEqual([
    {
      tenant: 'mill',
      statisticId: 'mean-temperature',
      windowEndMs: noon + hour,
      dueMs: noon + hour + 60_000,
    },
  ]);
});

test('windows that ended while the process was suspended are planned, whatever was stored', async () => {
  await planner.plan(signal);
  await clock.advance(3 * hour);
  await planner.plan(signal);
  expect(ends()).toEqual([1, 2, 3]);
});

test('a start plans what is missing since the last results, not more than the limit, and says so', async () => {
  storedHours = [-3];
  await planner.plan(signal);
  expect(ends()).toEqual([-2, -1, 0]);
  expect(events.counts).toMatchObject({ windowsCaughtUp: 1 });
  added = [];
  storedHours = [-1_000];
  await newPlanner().plan(signal);
  expect(added).toHaveLength(missedWindowsMax);
  expect(events.counts).toMatchObject({ windowsCaughtUp: 2, windowsSkipped: 1 });
});

test('a statistic that was just defined begins with the window that was due last', async () => {
  storedHours = [];
  await planner.plan(signal);
  expect(ends()).toEqual([0]);
});

test('a changed schedule is planned from now on, and nothing is caught up for it', async () => {
  await planner.plan(signal);
  statistics.set('mill/mean-temperature', statisticOf({ version: 2, cron: '1-59/30 * * * *' }));
  await planner.plan(signal);
  expect(added.map(({ windowEndMs }) => windowEndMs)).toEqual([noon + 31 * 60_000]);
});

test('a definition that cannot be used is named once and holds up no other', async () => {
  statistics = new Map([
    ['mill/wrong', statisticOf({ statisticId: 'wrong', timeZone: 'Mars/Olympus' })],
    ['mill/right', statisticOf({ statisticId: 'right' })],
  ]);
  storedHours = [-1];
  planner = newPlanner();
  await planner.plan(signal);
  await planner.plan(signal);
  expect(added.map(({ statisticId }) => statisticId)).toEqual(['right']);
  expect(events.counts).toMatchObject({ definitionRefused: 1 });
});

test('a statistic that is disabled is not planned, one that comes back is caught up, not more than the limit', async () => {
  await planner.plan(signal);
  statistics.set('mill/mean-temperature', statisticOf({ enabled: false }));
  await clock.advance(2 * missedWindowsMax * hour);
  await planner.plan(signal);
  expect(ends()).toEqual([]);
  statistics.set('mill/mean-temperature', statisticOf());
  await planner.plan(signal);
  expect(ends()).toHaveLength(missedWindowsMax);
});

test('the end of the service does not wait for Redis', async () => {
  const stopping = new AbortController();
  storedHours = [];
  const { promise: never } = Promise.withResolvers<void>();
  planner = newPlanner(() => never);
  const following = planner.follow(stopping.signal);
  await clock.advance(0);
  stopping.abort();
  await following;
});

test('while the store is away the planner is not ready and tries again, then nothing is missing', async () => {
  storeFails = true;
  const stopping = new AbortController();
  const following = planner.follow(stopping.signal);
  await clock.advance(10_000);
  expect(planner.notReady).toBeDefined();
  expect(events.counts['planningFailed']).toBeGreaterThan(1);
  storeFails = false;
  storedHours = [-1];
  await clock.advance(5_000);
  expect(planner.notReady).toBeUndefined();
  expect(ends()).toEqual([0]);
  stopping.abort();
  await following;
});

test('nothing is planned for a tenant that was deleted', async () => {
  storedHours = [-3];
  deletedTenants.add('mill');
  await planner.plan(signal);
  expect(ends()).toEqual([]);
  deletedTenants.clear();
  await planner.plan(signal);
  expect(ends()).toEqual([-2, -1, 0]);
});

test('the queue forgets what it has of a deleted tenant, once nothing of it runs', async () => {
  await planner.plan(signal);
  expect(forgotten).toEqual([]);
  deletedTenants.add('mill');
  isRunning = true;
  await planner.plan(signal);
  isRunning = false;
  await planner.plan(signal);
  await planner.plan(signal);
  expect(forgotten).toEqual(['mill', 'mill']);
});
