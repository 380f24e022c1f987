/** Against a real QuestDB: the retention of a table that is there follows its definition. */
import { testAddresses } from '@millrace/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { pointsTable } from './points-table.ts';
import { QuestDb } from './questdb.ts';
import { applyRetention } from './retention.ts';
import { ownPointsTable } from './testing/own-table.ts';

const store = new QuestDb(testAddresses.questdb);
let name: string;

beforeAll(async () => {
  name = await ownPointsTable(store);
});

afterAll(async () => {
  await store.query(`DROP TABLE IF EXISTS ${name}`);
  store.close();
});

test.each([30, 28, 45, 365, 36_500, undefined, 1])(
  'a retention of %s days is set, and left alone once QuestDB shows it',
  async (retentionDays) => {
    const { retentionDays: _, ...definition } = pointsTable(name, 'forever');
    const table = { ...definition, ...(retentionDays !== undefined && { retentionDays }) };
    expect(await applyRetention(store, table)).toBe(true);
    await vi.waitFor(async () => expect(await applyRetention(store, table)).toBe(false), 5_000);
  },
);
