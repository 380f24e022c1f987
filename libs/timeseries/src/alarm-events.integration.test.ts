/** Against a real QuestDB: alarm transitions are stored once, and a bad one does not hold up the others. */
import type { AlarmEvent } from '@millrace/contracts';
import { Breaker } from '@millrace/kernel';
import { testAddresses } from '@millrace/testkit';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { alarmEventsTable, appendAlarmEvent } from './alarm-events-table.ts';
import { ensureTable } from './ensure-table.ts';
import { QuestDb } from './questdb.ts';
import { RowWriter } from './row-writer.ts';
import { randomName, shownRows } from './testing/own-table.ts';

const store = new QuestDb(testAddresses.questdb);
let table: string;
let writer: RowWriter<AlarmEvent>;

beforeEach(async () => {
  table = randomName('test_alarms');
  await ensureTable(store, { ...alarmEventsTable, name: table });
  writer = writerTo(store);
});

afterEach(async () => {
  await store.query(`DROP TABLE IF EXISTS ${table}`);
});

afterAll(() => store.close());

test('a transition is stored once though it is written again', async () => {
  const event = alarmEvent(1);
  expect(await writer.write([event, alarmEvent(2)])).toEqual([]);
  expect(await writer.write([event])).toEqual([]);
  const [first] = await shownRows(store, table, 2, 'ts, event');
  expect(first).toEqual([
    '2025-10-09T08:53:20.000000Z',
    'acme',
    'pump 1, "west"',
    'overheat',
    'temperature',
    'raised',
    'none',
    'critical',
    '01'.repeat(16),
    '01'.repeat(16),
    'aa'.repeat(16),
    'Über heat = bad',
    3,
    91.5,
    90,
    null,
    1.5,
    '2025-10-09T08:53:20.250000Z',
  ]);
});

test('a transition that QuestDB refuses is named and the others are stored', async () => {
  const events = [alarmEvent(1), alarmEvent(2, { timeMicros: -1 }), alarmEvent(3), alarmEvent(4, { timeMicros: -1 })];
  const rejections = await writer.write(events);
  expect(rejections.map(({ index }) => index)).toEqual([1, 3]);
  expect(rejections[0]?.reason).toMatch(/before 1970/);
  await shownRows(store, table, 2, 'ts, event');
});

test('a store that does not listen is an error to try again later', async () => {
  const nobody = writerTo(new QuestDb('http://127.0.0.1:1'));
  await expect(nobody.write([alarmEvent(1)])).rejects.toMatchObject({ code: 'store_unavailable', retry: 'later' });
});

function writerTo(to: QuestDb): RowWriter<AlarmEvent> {
  const breaker = new Breaker('QuestDB', { resetMs: 100, failuresMin: 5 });
  return new RowWriter({ store: to, table, breaker, append: appendAlarmEvent });
}

function alarmEvent(number: number, event: Partial<AlarmEvent> = {}): AlarmEvent {
  return {
    eventId: Buffer.alloc(16, number),
    alarmId: Buffer.alloc(16, 1),
    tenant: 'acme',
    deviceUid: 'pump 1, "west"',
    ruleId: 'overheat',
    ruleVersion: 3,
    ruleName: 'Über heat = bad',
    signal: 'temperature',
    transition: 'raised',
    severityBefore: 'none',
    severity: 'critical',
    timeMicros: 1_760_000_000_000_000,
    value: 91.5,
    low: 90,
    high: null,
    deadband: 1.5,
    messageId: Buffer.alloc(16, 0xaa),
    receivedAtMicros: 1_760_000_000_250_000,
    ...event,
  };
}
