/** The devices of the benchmark of the api: what they are called, and the files that hold them. */
import { createHash } from 'node:crypto';
import { decodeScript } from '../standard-load.ts';

export const benchTenant = 'bench_api';
const scriptId = 'bench-sensor';
export const productIds = Array.from({ length: 10 }, (_, index) => `sensor-${index}`);
const kinds = ['Boiler', 'Pump', 'Compressor', 'Dryer', 'Conveyor', 'Chiller', 'Furnace', 'Mixer', 'Press', 'Valve'];

export interface FleetDevice {
  readonly deviceUid: string;
  readonly productId: string;
  readonly name: string;
  readonly identificationCode: string;
  readonly place: string;
  readonly line: string;
}

/** `index` from 0 to a million; the same each time. */
export function fleetDevice(index: number): FleetDevice {
  const number = String(index).padStart(6, '0');
  return {
    deviceUid: `dev-${number}`,
    productId: productIds[index % productIds.length]!,
    name: `${kinds[(index * 7) % kinds.length]} ${number}`,
    identificationCode: createHash('sha256').update(number).digest('hex').slice(0, 16).toUpperCase(),
    place: `Hall ${index % 40}`,
    line: `Line ${index % 7}`,
  };
}

/** What an import takes as `text/csv`. */
export function fleetCsv(devices: number): Buffer {
  const rows = ['deviceUid,productId,name,identificationCode,attributes.place,attributes.line'];
  for (let index = 0; index < devices; index += 1) rows.push(Object.values(fleetDevice(index)).join());
  return Buffer.from(`${rows.join('\n')}\n`);
}

/** What an import takes as `application/x-ndjson`: the same devices, each with one attribute changed. */
export function changedFleetNdjson(devices: number): Buffer {
  let text = '';
  for (let index = 0; index < devices; index += 1) {
    const { place, line, ...device } = fleetDevice(index);
    text += `${JSON.stringify({ ...device, attributes: { place, line: `${line}b` } })}\n`;
  }
  return Buffer.from(text);
}

/** The tenant with a key, a script and products, and no device, as files of a configuration folder. */
export function fleetConfiguration(keyId: string, key: string): Record<string, string | object> {
  const tenant = benchTenant;
  return {
    'tenants.json': [{ tenant, name: 'Benchmark of the api', retentionClass: '30d' }],
    'scripts.json': [{ tenant, scriptId, language: 'javascript', file: `scripts/${scriptId}.js` }],
    [`scripts/${scriptId}.js`]: decodeScript,
    'products.json': productIds.map((productId) => ({ tenant, productId, name: `Sensor ${productId}`, scriptId })),
    'api-keys.json': [{ tenant, keyId, key, scopes: ['ingest', 'read', 'write'] }],
  };
}
