/**
 * The demo's configuration: a copy of `examples/demo/config` with the addresses of this stack and credentials of its own.
 * It is made once and belongs to the person then: later starts only let its connections follow the addresses of broker and machine. Who
 * removes the folder gets a new copy with the same credentials. Only keyed hashes of these go into the configuration, as
 * they would from a real control plane.
 */
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../stack/atomic-file.ts';
import { root } from '../stack/service-launch.ts';
import { type Demo, type DemoTenant } from '../stack/state-file.ts';

export interface DemoPlace {
  readonly dataDir: string;
  readonly secretKey: string;
  readonly addresses: DemoAddresses;
}

/** Where the connections of the demo lead to. */
export interface DemoAddresses {
  readonly mqttUrl: string;
  readonly plcUrl: string;
}

export interface DemoConfiguration {
  /** Folder for MILLRACE_CONFIG_DIR. */
  readonly configDir: string;
  /** The credentials in plain text. */
  readonly demo: Demo;
}

interface TenantFile {
  readonly tenant: string;
}

interface DeviceFile extends TenantFile {
  readonly deviceUid: string;
}

const example = join(root, 'examples', 'demo', 'config');

const credentialsFile = 'credentials.json';
/** The addresses as they were written into the connections last. */
const addressesFile = 'demo-broker.json';

/** What is written beside the configuration's folder. */
export const demoFiles = [credentialsFile, addressesFile];

export async function writeDemoConfiguration(place: DemoPlace): Promise<DemoConfiguration> {
  const { dataDir, addresses } = place;
  const configDir = join(dataDir, 'config');
  if (existsSync(configDir)) followAddresses(configDir, place);
  else await copyExample(configDir, place);
  writeJson(join(dataDir, addressesFile), addresses);
  return { configDir, demo: credentialsIn(dataDir) };
}

/** Appears whole or not at all: what was begun and not ended would pass for a person's own. */
async function copyExample(configDir: string, { dataDir, secretKey, addresses }: DemoPlace): Promise<void> {
  const beside = `${configDir}.new`;
  rmSync(beside, { recursive: true, force: true });
  cpSync(example, beside, { recursive: true, dereference: true });
  const tenants = readJson<TenantFile[]>(join(beside, 'tenants.json'));
  const devices = readJson<DeviceFile[]>(join(beside, 'devices.json'));
  const demo = withCredentials(tenants, devices, credentialsIn(dataDir));
  writeHashes(beside, devices, demo, await hasherOf(secretKey));
  replaceText(join(beside, 'connections.json'), '${MQTT_URL}', addresses.mqttUrl);
  replaceText(join(beside, 'connections.json'), '${PLC_URL}', addresses.plcUrl);
  writeJson(join(dataDir, credentialsFile), demo);
  renameSync(beside, configDir);
}

function writeHashes(
  folder: string,
  devices: readonly DeviceFile[],
  demo: Demo,
  hash: (secret: string) => string,
): void {
  const passwordOf = new Map(
    demo.tenants.flatMap(({ id, devices: all }) => all.map((one) => [`${id}/${one.uid}`, one.key])),
  );
  writeJson(
    join(folder, 'devices.json'),
    devices.map((device) => {
      const password = passwordOf.get(`${device.tenant}/${device.deviceUid}`);
      return { ...device, passwordHashes: password === undefined ? [] : [hash(password)] };
    }),
  );
  writeJson(
    join(folder, 'api-keys.json'),
    demo.tenants.map(({ id, apiKey }) => ({
      tenant: id,
      keyId: apiKey.split('.')[0],
      hash: hash(apiKey),
      scopes: ['ingest', 'read'],
    })),
  );
}

/** Ports may be others at each start. An address that a person has written is another one, and stays. */
function followAddresses(configDir: string, { dataDir, addresses }: DemoPlace): void {
  const file = join(dataDir, addressesFile);
  const connections = join(configDir, 'connections.json');
  if (!existsSync(file) || !existsSync(connections)) return;
  const before = readJson<Partial<DemoAddresses>>(file);
  for (const name of ['mqttUrl', 'plcUrl'] as const)
    if (before[name] !== undefined)
      replaceText(connections, JSON.stringify(before[name]), JSON.stringify(addresses[name]));
}

function replaceText(file: string, before: string, after: string): void {
  const text = readFileSync(file, 'utf8');
  const replaced = text.replaceAll(before, after);
  if (replaced !== text) writeAtomically(file, replaced);
}

/** Keeps what is there, makes what is missing, forgets what the configuration no longer has. */
export function withCredentials(tenants: readonly TenantFile[], devices: readonly DeviceFile[], before: Demo): Demo {
  return {
    tenants: tenants.map(({ tenant }): DemoTenant => {
      const known = before.tenants.find(({ id }) => id === tenant);
      const own = devices.filter((device) => device.tenant === tenant);
      return {
        id: tenant,
        apiKey: known?.apiKey ?? `${tenant}-${secret(4)}.${secret(24)}`,
        devices: own.map(
          ({ deviceUid: uid }) => known?.devices.find((one) => one.uid === uid) ?? { uid, key: secret(18) },
        ),
      };
    }),
  };
}

function credentialsIn(dataDir: string): Demo {
  const file = join(dataDir, credentialsFile);
  return existsSync(file) ? readJson<Demo>(file) : { tenants: [] };
}

/** Imported when needed: this file is loaded before the dependencies are installed. */
async function hasherOf(secretKey: string): Promise<(secret: string) => string> {
  const { CredentialHasher, SecretKey } = await import('@millrace/auth');
  const hasher = new CredentialHasher(SecretKey.fromEnvironment(secretKey));
  return (text) => hasher.hash(text);
}

const secret = (bytes: number): string => randomBytes(bytes).toString('base64url');

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

function writeJson(file: string, value: unknown): void {
  writeAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
}
