/**
 * Promise: every change of the configuration that was acknowledged reaches its topic once and in order, whatever process dies
 * meanwhile; and a topic that lost its records is written anew.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DeviceConfig, deviceKey, topics } from '@millrace/contracts';
import { createKafka, ensureTopics } from '@millrace/kafka';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { apiOf, applyConfiguration, liveEverywhere } from '../configure/apply-configuration.ts';
import { writeConfiguration } from '../configure/written-configuration.ts';
import { type Stack, startStack } from '../stack/index.ts';
import { ChangeLedger } from './change-ledger.ts';
import { ConfigChanger } from './config-changer.ts';
import { readDeviceChanges } from './read-changes.ts';
import { readTopic } from './read-topic.ts';

const tenant = 'it_control';
const devices = Array.from({ length: 20 }, (_, index) => `device-${index}`);
const changesPerDevice = 80;
/** In this order, again and again: who publishes, where it is kept, where it goes. */
const victims = ['api-1', 'postgres', 'api-2', 'postgres', 'kafka'];
const liveMsMax = 60_000;

const dataDir = mkdtempSync(join(tmpdir(), 'millrace-control-'));
let stack: Stack;
let apis: readonly string[];

beforeAll(async () => {
  stack = await startStack({ dataDir, components: ['kafka', 'registry', 'questdb', 'redis', 'postgres'] });
  const configDir = writeConfiguration(join(dataDir, 'config'), {
    'tenants.json': [{ tenant, name: tenant }],
    'products.json': [{ tenant, productId: 'pump', name: 'Pump' }],
    'api-keys.json': [{ tenant, keyId: 'changer', key: apiKey, scopes: ['read', 'write'] }],
  });
  await stack.startServices(['api', 'api'], { configDir });
  await stack.ready();
  await applyConfiguration(apiOf(stack), configDir, { prune: false });
  apis = ['api-1', 'api-2'].map((instance) => `http://127.0.0.1:${stack.port(instance)}`);
}, 240_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);

const apiKey = 'changer.0123456789abcdef0123456789abcdef';

test(
  'changes are published once and in order while api, PostgreSQL and Kafka are killed',
  { timeout: 240_000 },
  async () => {
    const ledger = new ChangeLedger();
    const changer = new ConfigChanger(
      { apis, apiKey, tenant, productId: 'pump', devices, giveUpEvery: 10, repeatEvery: 25 },
      ledger,
    );
    const ended = new AbortController();
    const changing = changer.run(changesPerDevice, AbortSignal.timeout(200_000)).finally(() => ended.abort());
    let kills = 0;
    for (; !ended.signal.aborted; kills += 1) {
      await stack.kill(victims[kills % victims.length]!);
      await stack.ready();
      await sleep(200, undefined, { signal: ended.signal }).catch(() => undefined);
    }
    await changing;
    const accepted = ledger.count('accepted');
    expect([kills >= victims.length, changer.interrupted > 0, accepted > 500]).toEqual([true, true, true]);
    expect(changer.otherAnswers).toEqual([]);

    await newestIsLive('last');
    const published = (await readDeviceChanges(stack, tenant)).filter(({ key }) => key !== deviceKey(tenant, 'last'));
    expect(ledger.reconcile(published)).toEqual({
      lost: [],
      refusedButPublished: [],
      repeated: [],
      outOfOrder: [],
      invented: [],
    });
    process.stdout.write(`${accepted} changes acknowledged, ${kills} kills, ${changer.interrupted} changes cut off\n`);
  },
);

test(
  'a topic that was lost is written anew as a whole with the next change, or on demand',
  { timeout: 120_000 },
  async () => {
    const kafka = createKafka({ brokers: [stack.address('kafka')], clientId: 'integrity' });
    const admin = kafka.newClient().admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topics.configDevices.name] });
    await admin.disconnect();
    await ensureTopics(kafka, [topics.configDevices], { mayCreate: true }, AbortSignal.timeout(liveMsMax));
    expect(await deviceKeys()).toEqual([]);
    // A change finds out: services that take the new topic for the whole would forget all others.
    await newestIsLive('after');
    await vi.waitFor(
      async () =>
        expect(await deviceKeys()).toEqual(expect.arrayContaining(devices.map((uid) => deviceKey(tenant, uid)))),
      { timeout: liveMsMax, interval: 500 },
    );
    const answer = await fetch(`${apis[0]}/v1/config/republish`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.adminKey}` },
    });
    expect(answer.status).toBe(200);
    await newestIsLive('again');
  },
);

async function deviceKeys(): Promise<readonly string[]> {
  const records = await readTopic<DeviceConfig>(stack, topics.configDevices);
  return [...new Set(records.map(({ key }) => key))].toSorted();
}

/** Everything before it is published too. */
async function newestIsLive(deviceUid: string): Promise<void> {
  const answer = await fetch(`${apis[0]}/v1/devices`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ deviceUid, productId: 'pump' }),
  });
  const position = answer.headers.get('millrace-position')!;
  await fetch(`${apis[0]}/v1/devices/${deviceUid}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${apiKey}` },
  });
  await liveEverywhere({ url: apis[0]!, key: apiKey }, position, AbortSignal.timeout(liveMsMax));
}
