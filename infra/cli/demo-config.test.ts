import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfigurationFolder } from '@millrace/config';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withCredentials, writeDemoConfiguration } from './demo-config.ts';

const tenants = [{ tenant: 'north' }, { tenant: 'south' }];
const devices = [
  { tenant: 'north', deviceUid: 'a' },
  { tenant: 'north', deviceUid: 'b' },
  { tenant: 'south', deviceUid: 'a' },
];

test('every tenant gets a key and every device a password, all of them different', () => {
  const demo = withCredentials(tenants, devices, { tenants: [] });
  expect(demo.tenants.map(({ id, devices: own }) => [id, own.map(({ uid }) => uid)])).toEqual([
    ['north', ['a', 'b']],
    ['south', ['a']],
  ]);
  const secrets = demo.tenants.flatMap(({ apiKey, devices: own }) => [apiKey, ...own.map(({ key }) => key)]);
  expect(new Set(secrets).size).toBe(5);
  for (const { id, apiKey } of demo.tenants) expect(apiKey).toMatch(new RegExp(`^${id}-[\\w-]{6}\\.[\\w-]{32}$`));
});

test('credentials stay the same when the configuration grows and shrinks', () => {
  const before = withCredentials(tenants, devices, { tenants: [] });
  const after = withCredentials([tenants[0]!], [devices[1]!, { tenant: 'north', deviceUid: 'c' }], before);
  expect(after.tenants).toHaveLength(1);
  expect(after.tenants[0]?.apiKey).toBe(before.tenants[0]?.apiKey);
  expect(after.tenants[0]?.devices[0]).toEqual(before.tenants[0]?.devices[1]);
  expect(after.tenants[0]?.devices[1]?.uid).toBe('c');
});

describe('the folder of the demo', () => {
  const secretKey = 'ab'.repeat(32);
  let dataDir: string;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'millrace-demo-'))));
  afterEach(() => rmSync(dataDir, { recursive: true }));

  const start = (port: number) => {
    const addresses = { mqttUrl: `mqtt://127.0.0.1:${port}`, plcUrl: `modbus-tcp://127.0.0.1:${port + 1}` };
    return writeDemoConfiguration({ dataDir, secretKey, addresses });
  };
  const fileOf = (name: string) => join(dataDir, 'config', name);
  const textOf = (name: string) => readFileSync(fileOf(name), 'utf8');

  test('is at first the example with the address of this stack and hashes of new credentials', async () => {
    const { configDir, demo } = await start(18_001);
    const { connections, devices, apiKeys } = await readConfigurationFolder(configDir);
    expect(connections.map(({ url }) => url)).toEqual(['mqtt://127.0.0.1:18001', 'modbus-tcp://127.0.0.1:18002']);
    expect(devices.filter(({ passwordHashes }) => passwordHashes.length === 1)).toHaveLength(devices.length);
    expect(apiKeys.map(({ tenant }) => tenant)).toEqual(demo.tenants.map(({ id }) => id));
  });

  test('keeps what a person has changed, and its connections follow the broker', async () => {
    const { demo } = await start(18_001);
    const channels = `${textOf('channels.json')}\n\n`;
    writeFileSync(fileOf('channels.json'), channels);
    rmSync(fileOf('scripts/elsys-ers.js'));
    const connections = textOf('connections.json').replace('millrace-greenfield', 'my-own-name');
    writeFileSync(fileOf('connections.json'), connections);
    const again = await start(18_777);
    expect(again.demo).toEqual(demo);
    expect(textOf('channels.json')).toBe(channels);
    expect(() => textOf('scripts/elsys-ers.js')).toThrow('ENOENT');
    expect(textOf('connections.json')).toBe(connections.replace('18001', '18777').replace('18002', '18778'));
    await start(18_003);
    expect(textOf('connections.json')).toBe(connections.replace('18001', '18003').replace('18002', '18004'));
  });

  test('leaves a broker alone that a person has chosen', async () => {
    await start(18_001);
    writeFileSync(fileOf('connections.json'), textOf('connections.json').replace('127.0.0.1:18001', 'broker.example'));
    await start(18_002);
    expect(textOf('connections.json')).toContain('"mqtt://broker.example"');
  });

  test('is made anew with the same credentials after it was removed', async () => {
    const { demo } = await start(18_001);
    const devices = textOf('devices.json');
    rmSync(join(dataDir, 'config'), { recursive: true });
    expect((await start(18_002)).demo).toEqual(demo);
    expect(textOf('devices.json')).toBe(devices);
    expect(textOf('connections.json')).toContain('mqtt://127.0.0.1:18002');
  });
});
