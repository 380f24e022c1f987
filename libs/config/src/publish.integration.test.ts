import { randomUUID } from 'node:crypto';
import { type PublishedPosition, topics } from '@millrace/contracts';
import { connectRegistry, createKafka, ensureTopics, type OutgoingRecord, RecordProducer } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { anyDevice, testAddresses } from '@millrace/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ConfigurationFiles } from './configuration-files.ts';
import { entityKinds, entityNames } from './entities.ts';
import { followConfiguration, type FollowedConfiguration } from './follow.ts';
import { publishConfiguration, type Publisher } from './publish.ts';
import { noFiles } from './testing/no-files.ts';

const tenant = `t_${randomUUID().slice(0, 8)}`;
const script = {
  tenant,
  scriptId: 'pump',
  version: 1,
  language: 'javascript' as const,
  file: 'scripts/pump.js',
  source: 'function decodeUplink() {}',
  samples: [],
};
const device = (deviceUid: string) => ({
  ...anyDevice(tenant, deviceUid, { identificationCode: `SN-${deviceUid}`, attributes: { line: '1' } }),
  passwords: ['water-1234'],
});
const files: ConfigurationFiles = {
  ...noFiles,
  tenants: [{ tenant, name: 'Test', retentionClass: '30d', ownTable: false, state: 'active', quotas: null }],
  scripts: [script],
  products: [{ tenant, productId: 'pump', name: 'Pump', scriptId: 'pump', keepRawPayload: false, signals: [] }],
  devices: [device('d1'), device('d2')],
};

const signal = AbortSignal.timeout(60_000);
const kafka = createKafka({ brokers: [testAddresses.kafka], clientId: 'millrace-test' });
const registry = connectRegistry({ url: testAddresses.registry });
const producer = new RecordProducer(kafka);
const sent: OutgoingRecord[] = [];
let published: FollowedConfiguration;
let follower: FollowedConfiguration;
let publisher: Publisher;

beforeAll(async () => {
  const wanted = [...entityNames.map((entity) => entityKinds[entity].topic), topics.configPublished];
  await ensureTopics(kafka, wanted, { mayCreate: true });
  [published, follower] = await Promise.all([
    followConfiguration(kafka, registry, entityNames, signal),
    followConfiguration(kafka, registry, ['devices'], signal),
  ]);
  publisher = {
    entities: entityNames,
    published,
    producer: {
      send: (records, until) => {
        sent.push(...records);
        return producer.send(records, until);
      },
    },
    registry,
    clock: systemClock,
    secrets: { hash: (secret) => `hash of ${secret}`, seal: (secret) => Buffer.from(secret) },
    ownsTenant: (name) => name === tenant,
  };
});

afterAll(async () => {
  await publishConfiguration(publisher, noFiles, AbortSignal.timeout(10_000));
  await Promise.all([published.close(), follower.close()]);
  await producer.close();
});

test('a folder is published once, then only what changes, and what vanishes is deleted', async () => {
  expect(await publishConfiguration(publisher, files, signal)).toEqual({ written: 5, deleted: 0 });
  expect(await publishConfiguration(publisher, files, signal)).toEqual({ written: 0, deleted: 0 });

  const changed = { ...files, scripts: [{ ...script, source: 'other' }], devices: [device('d1')] };
  expect(await publishConfiguration(publisher, changed, signal)).toEqual({ written: 1, deleted: 1 });
  expect(published.configuration.script(tenant, 'pump')).toMatchObject({ version: 2, source: 'other' });
  expect(published.configuration.device(tenant, 'd2')).toBeUndefined();
});

test('a service that follows the topics hears of it, and only of the entities it asked for', async () => {
  await publishConfiguration(publisher, files, signal);
  await vi.waitFor(() => expect(follower.configuration.deviceByCode(tenant, 'SN-d2')).toBeDefined(), 10_000);
  expect(follower.configuration.device(tenant, 'd1')).toMatchObject({
    attributes: { line: '1' },
    passwordHashes: ['hash of water-1234'],
  });
  expect(follower.configuration.tenants.size).toBe(0);
});

test('a service that starts now reads all of it before it is ready', async () => {
  await publishConfiguration(publisher, files, signal);
  const late = await followConfiguration(kafka, registry, ['devices', 'products'], signal);
  expect(late.configuration.device(tenant, 'd2')).toBeDefined();
  expect(late.configuration.product(tenant, 'pump')).toMatchObject({ scriptId: 'pump' });
  await late.close();
});

test('the published position is that of the last record', async () => {
  await publishConfiguration(publisher, { ...files, devices: [device('d3')] }, signal);
  const codec = await registry.codec<PublishedPosition>(topics.configPublished);
  const [last] = sent.filter(({ key }) => key === 'config.devices.v1/0').slice(-1);
  const position = codec.decode(last!.value!);
  expect(position).toMatchObject({ topic: 'config.devices.v1', partition: 0 });
  await follower.reached('devices', BigInt(position.offset), signal);
  expect(follower.configuration.device(tenant, 'd3')).toBeDefined();
});
