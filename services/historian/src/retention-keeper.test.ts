import { MillraceError } from '@millrace/contracts';
import { ManualClock } from '@millrace/testkit';
import type { TableDefinition } from '@millrace/timeseries';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RetentionKeeper } from './retention-keeper.ts';
import { silentEvents } from './testing/silent-events.ts';

const tableOf = (retentionDays: number | undefined): TableDefinition => ({
  name: 'points_t_acme',
  columns: [],
  partitionBy: 'DAY',
  keys: [],
  ...(retentionDays !== undefined && { retentionDays }),
});

let clock: ManualClock;
let configuration: { version: number };
let tables: readonly TableDefinition[];
let applied: (number | undefined)[];
let away: boolean;
let keeper: RetentionKeeper;

beforeEach(async () => {
  clock = new ManualClock();
  configuration = { version: 1 };
  tables = [tableOf(30)];
  applied = [];
  away = false;
  const apply = async ({ retentionDays }: TableDefinition): Promise<boolean> => {
    if (away) throw new MillraceError('store_unavailable', 'QuestDB is away.');
    applied.push(retentionDays);
    return true;
  };
  keeper = new RetentionKeeper({ configuration, tables: () => tables, apply, events: silentEvents(), clock });
  keeper.start();
  await clock.advance(5_000);
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
});

afterEach(() => keeper.stop());

async function configure(...days: readonly (number | undefined)[]): Promise<void> {
  tables = days.map(tableOf);
  configuration.version += 1;
  await clock.advance(5_000);
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
}

test('the retention of a table follows the configuration within seconds, without a row being written', async () => {
  await configure(45);
  await configure(undefined);
  expect(applied).toEqual([30, 45, undefined]);
});

test('what has not changed is not asked for again', async () => {
  await configure(30);
  await configure(30);
  expect(applied).toEqual([30]);
});

test('what could not be changed while QuestDB was away is changed when it is back', async () => {
  away = true;
  await configure(45);
  away = false;
  await clock.advance(5_000);
  expect(applied).toEqual([30, 45]);
});
