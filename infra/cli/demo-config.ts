/**
 * The demo's configuration: a copy of `examples/demo/config` with the addresses of this stack and credentials of its own.
 * It is made again at every start, so that it follows the examples; the credentials stay. Only keyed hashes of these go
 * into the configuration, as they would from a real control plane.
 */
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../stack/atomic-file.ts';
import { root } from '../stack/service-launch.ts';
import { type Demo, type DemoTenant } from '../stack/state-file.ts';

export interface DemoPlace {
  readonly dataDir: string;
  readonly secretKey: string;
  readonly mqttUrl: string;
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

export async function writeDemoConfiguration({ dataDir, secretKey, mqttUrl }: DemoPlace): Promise<DemoConfiguration> {
  const configDir = join(dataDir, 'config');
  rmSync(configDir, { recursive: true, force: true });
  cpSync(example, configDir, { recursive: true, dereference: true });
  const tenants = readJson<TenantFile[]>(join(configDir, 'tenants.json'));
  const devices = readJson<DeviceFile[]>(join(configDir, 'devices.json'));
  const demo = withCredentials(tenants, devices, credentialsIn(dataDir));
  writeJson(join(dataDir, 'credentials.json'), demo);

  const hash = await hasherOf(secretKey);
  const passwordOf = new Map(
    demo.tenants.flatMap(({ id, devices: all }) => all.map((one) => [`${id}/${one.uid}`, one.key])),
  );
  writeJson(
    join(configDir, 'devices.json'),
    devices.map((device) => {
      const password = passwordOf.get(`${device.tenant}/${device.deviceUid}`);
      return { ...device, passwordHashes: password === undefined ? [] : [hash(password)] };
    }),
  );
  writeJson(
    join(configDir, 'api-keys.json'),
    demo.tenants.map(({ id, apiKey }) => ({
      tenant: id,
      keyId: apiKey.split('.')[0],
      hash: hash(apiKey),
      scopes: ['ingest', 'read'],
    })),
  );
  const connections = join(configDir, 'connections.json');
  writeAtomically(connections, readFileSync(connections, 'utf8').replaceAll('${MQTT_URL}', mqttUrl));
  return { configDir, demo };
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
  const file = join(dataDir, 'credentials.json');
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
