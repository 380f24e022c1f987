/** Messages that a person can send by hand: frames out of vendors' manuals, as devices of the demo. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Demo } from '../stack/state-file.ts';
import { type ExampleLines, type ExampleMessage, type ExampleRegister } from './welcome.ts';

/** The example of the Dragino LHT65N user manual: 28.29 °C, 88.6 %, 3.062 V. */
const frame = { productId: 'dragino-lht65n', hex: 'cbf60b0d0376010add7fff', query: '?fPort=2', signal: 'TempC_SHT' };

/** The example of the Milesight EM300 user guide: 27.2 °C, 56.5 %, a full battery. Its script does not look at the port. */
const line = { productId: 'milesight-em300-th', hex: '01756403671001046871' };

interface ConfiguredDevice {
  readonly tenant: string;
  readonly deviceUid: string;
  readonly productId: string;
}

interface ConfiguredTenant {
  readonly tenant: string;
  readonly retentionClass?: string;
  readonly ownTable?: boolean;
}

/** Undefined when the configuration has no device of that product any more. */
export function exampleMessage(configDir: string, demo: Demo): ExampleMessage | undefined {
  const sender = senderOf(frame.productId, configDir, demo);
  const tenant = read<ConfiguredTenant>(configDir, 'tenants.json').find((one) => one.tenant === sender?.tenant);
  if (!sender || !tenant) return undefined;
  return {
    ...sender,
    query: frame.query,
    frame: [...Buffer.from(frame.hex, 'hex')].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
    hex: frame.hex,
    signal: frame.signal,
    table: tenant.ownTable ? `points_t_${tenant.tenant}` : `points_${tenant.retentionClass ?? '90d'}`,
  };
}

/** As `exampleMessage`. */
export function exampleLines(configDir: string, demo: Demo): ExampleLines | undefined {
  const sender = senderOf(line.productId, configDir, demo);
  if (!sender) return undefined;
  const payload = Buffer.from(line.hex, 'hex').toString('base64');
  return { first: `JSON ${sender.tenant}/${sender.uid}:${sender.password}`, message: JSON.stringify({ payload }) };
}

interface ConfiguredConnection {
  readonly tenant: string;
  readonly kind: string;
  readonly deviceUid?: string;
  readonly registers?: readonly { readonly name: string }[];
}

/** The first register of the first PLC; undefined when the configuration has none any more. */
export function exampleRegister(configDir: string, demo: Demo): ExampleRegister | undefined {
  for (const one of read<ConfiguredConnection>(configDir, 'connections.json')) {
    const apiKey = demo.tenants.find(({ id }) => id === one.tenant)?.apiKey;
    const signal = one.registers?.[0]?.name;
    if (one.kind === 'modbus-tcp' && one.deviceUid && signal && apiKey) return { apiKey, uid: one.deviceUid, signal };
  }
  return undefined;
}

type ExampleSender = Pick<ExampleMessage, 'tenant' | 'uid' | 'password' | 'apiKey'>;

function senderOf(productId: string, configDir: string, demo: Demo): ExampleSender | undefined {
  const device = read<ConfiguredDevice>(configDir, 'devices.json').find((one) => one.productId === productId);
  const credentials = demo.tenants.find(({ id }) => id === device?.tenant);
  const password = credentials?.devices.find(({ uid }) => uid === device?.deviceUid)?.key;
  if (!device || !credentials || password === undefined) return undefined;
  return { tenant: device.tenant, uid: device.deviceUid, password, apiKey: credentials.apiKey };
}

/** A person may have removed the file: it means that there are none. */
function read<T>(configDir: string, name: string): readonly T[] {
  const file = join(configDir, name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as readonly T[]) : [];
}
