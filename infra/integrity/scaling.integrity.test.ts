/**
 * Promise: instances come and go under load, each takes its share, every acknowledged message is stored once, and the points
 * of a device keep the order in which its messages were accepted.
 */
import { type DataRowList, type RawBatch, type RawMessage, type Topic, topics } from '@millrace/contracts';
import { partitionOf } from '@millrace/kafka';
import { unexplainedMessages, type HopReport } from '@millrace/observe';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type InstanceLoad, instanceLoads } from '../stack/instance-load.ts';
import { HttpSender } from './http-sender.ts';
import { Ledger } from './ledger.ts';
import { MqttSender } from './mqtt-sender.ts';
import { type PlantStack, startPlant } from './plant-stack.ts';
import { deviceUids, httpTenant, mqttTenant, valueAt } from './plant.ts';
import { readTopic } from './read-topic.ts';

const requestsPerSecond = 40;
const turnsPerSecond = 20;
/** A member that joins waits for those that hold a batch, 10 s at most. */
const balancedMsMax = 30_000;

const ledger = new Ledger();
const stopping = new AbortController();
let plant: PlantStack;
let sending: Promise<unknown>;

beforeAll(async () => {
  plant = await startPlant();
  const { gateway, apiKey, stack } = plant;
  const common = { devices: deviceUids, valueOf: valueAt };
  const http = new HttpSender({ ...common, gateway, apiKey, tenant: httpTenant, rate: requestsPerSecond }, ledger);
  const mqtt = new MqttSender(
    { ...common, broker: stack.address('mosquitto'), tenant: mqttTenant, rate: turnsPerSecond },
    ledger,
  );
  sending = Promise.all([http.run(stopping.signal), mqtt.run(stopping.signal)]);
  await vi.waitFor(async () => expect((await plant.storedRows()).length).toBeGreaterThan(1_000), 30_000);
}, 240_000);

afterAll(async () => {
  stopping.abort();
  await plant?.stop();
}, 60_000);

test('three parsers and two historians share the partitions evenly, and each has work', async () => {
  await plant.stack.scale({ parser: 3, historian: 2 });
  await shared('parser', topics.raw, 3);
  await shared('historian', topics.points, 2);
  await summed({ parser: 3, historian: 2, gateway: 1 });
}, 90_000);

test('the parser that stays takes over what the others leave', async () => {
  await plant.stack.scale({ parser: 1 });
  expect(plant.stack.processes.filter(({ name }) => name === 'parser').map(({ instance }) => instance)).toEqual([
    'parser-1',
  ]);
  await shared('parser', topics.raw, 1);
  await summed({ parser: 1, historian: 2, gateway: 1 });
}, 90_000);

test('afterwards nothing is lost, stored twice or altered', async () => {
  stopping.abort();
  await sending;
  await vi.waitFor(async () => expect(ledger.reconcile(await plant.storedRows()).lost).toEqual([]), 30_000);
  const { acknowledged, duplicate, altered, invented } = ledger.reconcile(await plant.storedRows());
  expect({ duplicate, altered, invented }).toEqual({ duplicate: [], altered: [], invented: [] });
  expect(acknowledged).toBeGreaterThan(2_000);
}, 60_000);

test('afterwards the points of each device stand in the stream in the order in which its messages were accepted', async () => {
  const raw = await readTopic<RawBatch>(plant.stack, topics.raw);
  const accepted = orderOf(raw.flatMap(({ value }) => value.messages));
  const published = orderOf((await readTopic<DataRowList>(plant.stack, topics.points)).map(({ value }) => value));
  expect(published.size).toBe(2 * deviceUids.length);
  for (const [device, times] of accepted) expect(published.get(device), device).toEqual(times);
  // One connection carries them all. HTTP requests that are on their way together may overtake each other.
  for (const deviceUid of deviceUids) {
    const sent = ledger.of(mqttTenant, deviceUid).map(({ timeMs }) => timeMs * 1_000);
    expect(accepted.get(`${mqttTenant}/${deviceUid}`), deviceUid).toEqual(sent);
  }
}, 60_000);

test('afterwards every hop explains what became of its messages', async () => {
  await vi.waitFor(async () => {
    for (const hop of (await accountingSum()).hops) {
      expect([hop.service, hop.hop, unexplainedMessages(hop)]).toEqual([hop.service, hop.hop, 0]);
      expect([hop.service, hop.hop, hop.inFlight]).toEqual([hop.service, hop.hop, 0]);
    }
  }, 20_000);
});

/**
 * Device times by device, in the order of the stream. What a parser had not committed when it lost its partition is
 * published again by the next one, so the first time counts.
 */
function orderOf(
  messages: readonly Pick<RawMessage, 'tenant' | 'deviceUid' | 'timeMicros'>[],
): ReadonlyMap<string, readonly number[]> {
  const times = new Map<string, Set<number>>();
  for (const { tenant, deviceUid, timeMicros } of messages) {
    const device = `${tenant}/${deviceUid}`;
    times.set(device, (times.get(device) ?? new Set()).add(timeMicros ?? Number.NaN));
  }
  return new Map([...times].map(([device, seen]) => [device, [...seen]]));
}

/** Every partition that has devices belongs to one instance, none has more than its even share, and all instances work. */
async function shared(service: string, topic: Topic, count: number): Promise<void> {
  const keys = [httpTenant, mqttTenant].flatMap((tenant) => deviceUids.map((uid) => `${tenant}/${uid}`));
  const busy = [...new Set(keys.map((key) => partitionOf(key, topic.partitions)))].toSorted(ascending);
  let before: InstanceLoad[] = [];
  await vi.waitFor(
    async () => {
      const loads = await instanceLoads(plant.stack, service, topic.name);
      expect(loads.flatMap(({ partitions }) => partitions).toSorted(ascending)).toEqual(busy);
      expect(loads).toHaveLength(count);
      for (const { partitions } of loads) expect(partitions.length).toBeLessThanOrEqual(topic.partitions / count);
      before = loads;
    },
    { timeout: balancedMsMax, interval: 200 },
  );
  await vi.waitFor(async () => {
    for (const { instance, out } of await instanceLoads(plant.stack, service, topic.name))
      expect(out, instance).toBeGreaterThan((before.find((one) => one.instance === instance)?.out ?? 0) + 20);
  }, 20_000);
}

const ascending = (one: number, other: number): number => one - other;

/** The api adds up the instances that there are, and misses none. */
async function summed(counts: Readonly<Record<string, number>>): Promise<void> {
  const { hops, missing } = await accountingSum();
  expect(missing).toEqual([]);
  for (const [service, count] of Object.entries(counts))
    expect(hops.find((hop) => hop.service === service)?.instances, service).toBe(count);
}

type Sum = {
  readonly hops: readonly (HopReport & { readonly service: string; readonly instances: number })[];
  readonly missing: readonly string[];
};

async function accountingSum(): Promise<Sum> {
  const url = plant.stack.processes.find(({ name }) => name === 'api')?.url;
  return (await (await fetch(`${url}/v1/accounting/sum`)).json()) as Sum;
}
