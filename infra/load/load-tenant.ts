/** The tenant of the load tests in a configuration folder: a script, a product, devices and an ingest key, all its own. */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deviceUid } from '../../load-tests/messages.ts';
import { writeAtomically } from '../stack/atomic-file.ts';
import { root } from '../stack/service-launch.ts';

export const loadTenant = 'load';
/** The table of its retention class. */
export const loadTable = 'points_30d';

const product = 'load';
const script = { scriptId: 'load', file: 'scripts/load.js' };

interface Entity {
  readonly tenant: string;
  readonly [field: string]: unknown;
}

/**
 * Adds the tenant, or brings it up to date; what else is in the folder stays as it is. Returns the ingest key, which is that
 * of an earlier call where there was one.
 */
export async function addLoadTenant(configDir: string, devices: number): Promise<string> {
  const tenant = loadTenant;
  mkdirSync(join(configDir, 'scripts'), { recursive: true, mode: 0o700 });
  copyFileSync(join(root, 'load-tests', 'decode.js'), join(configDir, script.file));
  const apiKey = keyIn(configDir) ?? (await newKey());
  // In the order in which they refer to each other: the folder is read while it is written.
  put(configDir, 'tenants.json', [{ tenant, name: 'Load tests', retentionClass: '30d' }]);
  put(configDir, 'scripts.json', [{ tenant, language: 'javascript', ...script }]);
  put(configDir, 'products.json', [{ tenant, productId: product, name: 'Load tests', scriptId: script.scriptId }]);
  put(
    configDir,
    'devices.json',
    Array.from({ length: devices }, (_, index) => ({ tenant, deviceUid: deviceUid(index), productId: product })),
  );
  const keyId = apiKey.split('.')[0];
  put(configDir, 'api-keys.json', [{ tenant, keyId, key: apiKey, scopes: ['ingest'] }]);
  return apiKey;
}

function keyIn(configDir: string): string | undefined {
  const key = read(join(configDir, 'api-keys.json')).find(({ tenant }) => tenant === loadTenant)?.['key'];
  return typeof key === 'string' ? key : undefined;
}

/** Imported when needed: the command line is loaded before the dependencies are installed. */
async function newKey(): Promise<string> {
  const { generateKey } = await import('@millrace/auth');
  return generateKey();
}

/** Replaces the tenant's entities of one file. */
function put(configDir: string, name: string, entities: readonly Entity[]): void {
  const file = join(configDir, name);
  const others = read(file).filter(({ tenant }) => tenant !== loadTenant);
  const text = `${JSON.stringify([...others, ...entities], null, 2)}\n`;
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeAtomically(file, text);
}

function read(file: string): readonly Entity[] {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Entity[]) : [];
}
