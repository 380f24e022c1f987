/**
 * Promises: nothing disappears silently; a bad message costs itself alone; a subscriber that is not ours reads what the
 * device sent.
 */
import { readFileSync } from 'node:fs';
import { type AlarmEvent, type DataRowList, schemaOf, topics } from '@millrace/contracts';
import { createKafka, RecordProducer } from '@millrace/kafka';
import { unexplainedMessages } from '@millrace/observe';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type AvroSchema } from '../generate/avro-schema.ts';
import { plainJson } from '../generate/plain-json.ts';
import { publishedTopics } from '../generate/published-topics.ts';
import { type PanelQuery, panelQueries } from '../grafana/dashboard-queries.ts';
import { type AlertRule, alertRules } from '../prometheus/alert-rules.ts';
import { metricNamesIn } from '../prometheus/metric-names.ts';
import { deadLettersOf } from './dead-letters.ts';
import { type PlantStack, startPlant } from './plant-stack.ts';
import { deviceUids, httpTenant } from './plant.ts';
import { startPrometheus } from './prometheus.ts';
import { readRecords, readTopic } from './read-topic.ts';
import { languages, prepare, subscribe } from './subscribers.ts';

const services = ['gateway', 'client-manager', 'parser', 'historian', 'alarm-evaluator', 'notifier'] as const;
const [bad = '', neighbour = ''] = deviceUids;
let plant: PlantStack;
let clockMs = Date.now();

beforeAll(async () => {
  plant = await startPlant();
}, 240_000);

afterAll(() => plant?.stop(), 60_000);

/** The third raises an alarm, the last clears it and needs every digit of a double. */
const sent = [1.5, -2, 1e9, 0.1 + 0.2];

describe.each(languages)('a subscriber in %s', (language) => {
  beforeAll(() => prepare(language), 240_000);

  beforeAll(async () => {
    if ((await storedCount(neighbour)) > 0) return;
    for (const value of sent) await post(neighbour, { value, state: 'running', on: true });
    await stored(sent.length, neighbour);
  }, 60_000);

  test('reads the values that the device sent', async () => {
    const records = await subscribe(language, plant.stack, topics.points.name, sent.length);
    expect(records.map(({ key }) => key)).toEqual(sent.map(() => `${httpTenant}/${neighbour}`));
    expect(records.map(({ value }) => rowsOf(value))).toEqual(
      sent.map((value) => [
        ['value', value],
        ['state', 'running'],
        ['on', true],
      ]),
    );
    const [first] = await readTopic<DataRowList>(plant.stack, topics.points);
    expect(records[0]?.value).toEqual(plainJson(first?.value, schemaOf(topics.points.name) as AvroSchema));
  });

  test('reads the alarms of the device', async () => {
    const events = await vi.waitUntil(async () => {
      const found = await readTopic<AlarmEvent>(plant.stack, topics.alarmEvents);
      return found.length >= 2 && found;
    }, 30_000);
    const schema = schemaOf(topics.alarmEvents.name) as AvroSchema;
    const records = await subscribe(language, plant.stack, topics.alarmEvents.name, 2);
    expect(records.map(({ value }) => [value['transition'], value['value']])).toEqual([
      ['raised', 1e9],
      ['cleared', 0.1 + 0.2],
    ]);
    expect(records).toEqual(events.map(({ key, value }) => ({ key, value: plainJson(value, schema) })));
  });
});

test('records have the headers that are documented for their topic', async () => {
  for (const { topic, headers } of publishedTopics()) {
    const [first] = await vi.waitUntil(async () => nonEmpty(await readRecords(plant.stack, topic.name)), 30_000);
    const found = Object.keys(first?.record.headers ?? {});
    expect([topic.name, found.toSorted()]).toEqual([topic.name, Object.keys(headers).toSorted()]);
  }
});

test.each([
  ['throws', { does: 'throw' }, 'script_threw'],
  ['loops for ever', { does: 'loop' }, 'script_timeout'],
])('a script that %s costs its message alone, which waits in the dead letters', async (_what, payload, code) => {
  const before = await storedCount(neighbour);
  await post(bad, payload);
  await post(bad, { value: 5 });
  await post(neighbour, { value: 6 });
  await stored(before + 1, neighbour);
  await vi.waitFor(async () => {
    const letter = (await deadLettersOf(plant.stack, topics.raw)).find(
      ({ headers }) => headers['errors.code'] === code,
    );
    expect(JSON.parse(letter?.message?.payload.toString() ?? '{}')).toEqual(payload);
    expect(letter?.headers).toMatchObject({ 'errors.stage': 'parser.script', 'errors.topic': topics.raw.name });
  }, 20_000);
});

test('a value that is not a number is stored as missing, with a warning for subscribers', async () => {
  await post(bad, { does: 'nan' });
  await vi.waitFor(async () => {
    const lists = (await readTopic<DataRowList>(plant.stack, topics.points)).map(({ value }) => value);
    const list = lists.find(({ rows }) => rows[0]?.value === null);
    expect(list?.warnings.join()).toMatch(/value/);
  }, 20_000);
  const kinds = () => plant.query(`SELECT kind, value FROM points_30d WHERE device = '${bad}' AND kind = 0`);
  await vi.waitFor(async () => expect(await kinds()).toEqual([[0, null]]), 20_000);
});

test.each([
  ['raw messages', topics.raw],
  ['points', topics.points],
])('a record of %s with an unknown schema id goes to the dead letters as it is', async (_what, topic) => {
  const bytes = Buffer.from([0, 0x7f, 0xff, 0xff, 0xf0, 1, 2, 3]);
  const producer = new RecordProducer(createKafka({ brokers: [plant.stack.address('kafka')], clientId: 'integrity' }));
  await producer.connect();
  await producer.send([{ topic: topic.name, partition: 0, key: 'a/b', value: bytes }]);
  await producer.close();
  await vi.waitFor(async () => {
    const letters = await deadLettersOf(plant.stack, topic);
    const letter = letters.find(({ headers }) => headers['errors.code'] === 'unknown_schema');
    expect(letter?.bytes).toEqual(bytes);
  }, 20_000);
});

test('every hop of every service explains what became of its messages, and hands on what the next one gets', async () => {
  await vi.waitFor(async () => {
    const reports = await Promise.all(services.map((service) => plant.accounting(`${service}-1`)));
    for (const report of reports)
      for (const hop of report?.hops ?? []) {
        expect([report?.service, hop.hop, unexplainedMessages(hop)]).toEqual([report?.service, hop.hop, 0]);
        expect([report?.service, hop.hop, hop.inFlight]).toEqual([report?.service, hop.hop, 0]);
      }
    const [gateway, , parser, historian] = reports.map((report) => report?.hops ?? []);
    const accepted = gateway?.find(({ hop }) => hop === 'http')?.out ?? 0;
    const parsed = parser?.find(({ hop }) => hop === 'parse');
    const parked = parser?.find(({ hop }) => hop === 'parse-parked');
    // One record with an unknown schema was put into each topic by hand.
    expect(parsed?.in).toBe(accepted + 1);
    expect(parked?.in).toBe(parsed?.parked);
    expect(historian?.find(({ hop }) => hop === 'store')?.in).toBe((parsed?.out ?? 0) + (parked?.out ?? 0) + 1);
    expect(accepted).toBeGreaterThan(5);
  }, 20_000);
});

test('what the dashboard and the alert rules ask for is what running services show', async () => {
  const prometheus = await startPrometheus(plant.stack);
  try {
    await vi.waitFor(async () => {
      const names = await prometheus.names();
      for (const expression of [...panelQueries, ...alertRules].map(expressionOf))
        for (const name of metricNamesIn(expression))
          expect(shownByOthers.test(name) || names.has(name), name).toBe(true);
      for (const { panel, expression } of panelQueries)
        if (!metricNamesIn(expression).some((name) => shownByOthers.test(name)))
          expect((await prometheus.query(expression)).length, `${panel}: ${expression}`).toBeGreaterThan(0);
    }, 20_000);
  } finally {
    await prometheus.stop();
  }
});

test('what services log are JSON lines that say what, when and where, and no secret is in them', async () => {
  const logs = plant.stack.processes
    .filter(({ kind }) => kind === 'service')
    .map(({ log }) => readFileSync(log, 'utf8'));
  const secrets = [plant.apiKey, plant.stack.secretKey];
  for (const text of logs) {
    for (const secret of secrets) expect(text).not.toContain(secret);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines.length).toBeGreaterThan(0);
    const isTold = { level: expect.any(String), time: expect.any(String), service: expect.any(String) };
    for (const line of lines)
      expect(line).toMatchObject({ ...isTold, instance: expect.any(String), message: expect.any(String) });
  }
});

/** Prometheus's own, and the node exporter's. */
const shownByOthers = /^(up|ALERTS|node_\w+)$/;
const expressionOf = (one: PanelQuery | AlertRule): string => ('expr' in one ? one.expr : one.expression);

async function post(device: string, json: object): Promise<void> {
  clockMs = Math.max(Date.now(), clockMs + 1);
  const response = await fetch(`${plant.gateway}/v1/messages/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${plant.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ device, time: new Date(clockMs).toISOString(), json }] }),
  });
  expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
}

const rowsOf = (value: Readonly<Record<string, unknown>>): unknown[][] =>
  (value['rows'] as { name: string; value: unknown }[]).map((row) => [row.name, row.value]);

const nonEmpty = <T>(found: readonly T[]): readonly T[] | undefined => (found.length > 0 ? found : undefined);

const storedCount = async (device: string): Promise<number> =>
  (await plant.storedRows()).filter(({ deviceUid }) => deviceUid === device).length;

const stored = (count: number, device: string): Promise<void> =>
  vi.waitFor(async () => expect(await storedCount(device)).toBe(count), 20_000);
