/**
 * The standard load: 5,000 devices in 10 tenants, each message a 10-byte frame that JavaScript decodes into 3 points, a
 * two-grade rule per signal that 1 % of the points cross. Source: architecture, "Performance".
 */
import { randomInt } from 'node:crypto';

export const standardLoad = {
  tenants: 10,
  devicesPerTenant: 500,
  messagesPerRequest: 100,
  pointsPerMessage: 3,
  crossingsPerPoint: 0.01,
} as const;

const productId = 'bench-sensor';
export const signals = ['temperature', 'humidity', 'pressure'] as const;

/** Decodes `randomFrame` into 3 points. */
export const decodeScript = `function decodeUplink(input) {
  const b = input.bytes;
  const i16 = (at) => ((b[at] << 8) | b[at + 1]) << 16 >> 16;
  return { data: { temperature: i16(2) / 100, humidity: i16(4) / 10, pressure: i16(6) / 10 } };
}
`;

export interface BenchDevice {
  readonly tenant: string;
  readonly deviceUid: string;
}

export const tenantNames = Array.from({ length: standardLoad.tenants }, (_, index) => `bench_${index}`);

export const devices: readonly BenchDevice[] = tenantNames.flatMap((tenant) =>
  Array.from({ length: standardLoad.devicesPerTenant }, (_, index) => ({
    tenant,
    deviceUid: `sensor-${String(index).padStart(4, '0')}`,
  })),
);

/** Sends on its own account to measure device → row. */
export const probeDevice: BenchDevice = { tenant: 'bench_0', deviceUid: 'probe' };

/** The configuration folder of the load, as file name → content; API keys and scripts included. */
export function configurationOf(apiKeys: readonly object[]): Record<string, string> {
  const perTenant = <T>(make: (tenant: string) => T[]): string => JSON.stringify(tenantNames.flatMap(make));
  return {
    'tenants.json': perTenant((tenant) => [{ tenant, name: tenant, retentionClass: '30d' }]),
    'products.json': perTenant((tenant) => [{ tenant, productId, name: 'Bench sensor', scriptId: productId }]),
    'scripts.json': perTenant((tenant) => [
      { tenant, scriptId: productId, version: 1, language: 'javascript', file: `scripts/${productId}.js` },
    ]),
    [`scripts/${productId}.js`]: decodeScript,
    'devices.json': JSON.stringify([...devices, probeDevice].map((device) => ({ ...device, productId }))),
    'alarm-rules.json': perTenant((tenant) => signals.map((signal) => rule(tenant, signal))),
    'api-keys.json': JSON.stringify(apiKeys),
    'channels.json': '[]',
    'templates.json': '[]',
  };
}

/** `connections.json`: one connection per tenant to the broker. */
export function connectionsOf(broker: string): string {
  return JSON.stringify(
    tenantNames.map((tenant) => ({
      tenant,
      connectionId: 'bench',
      kind: 'mqtt',
      url: broker,
      clientId: `millrace-${tenant}`,
      subscriptions: [{ topicFilter: `bench/${tenant}/+/up`, qos: 1 }],
      deviceFrom: { kind: 'topic', pattern: `bench/${tenant}/{deviceUid}/up` },
    })),
  );
}

const rule = (tenant: string, signal: string): object => ({
  tenant,
  ruleId: `high-${signal}`,
  version: 1,
  name: `High ${signal}`,
  productId,
  signal,
  grades: [
    { severity: 'warning', low: 80, high: 90 },
    { severity: 'critical', low: 90 },
  ],
});

/** A frame: battery, three signals with 20..60 normally and 80..100 in one of a hundred, and a spare field. */
export function randomFrame(): Buffer {
  const frame = Buffer.alloc(10);
  frame.writeUInt16BE(3_000 + randomInt(600), 0);
  frame.writeInt16BE(randomValue() * 100, 2);
  frame.writeInt16BE(randomValue() * 10, 4);
  frame.writeInt16BE(randomValue() * 10, 6);
  return frame;
}

const randomValue = (): number =>
  randomInt(1_000_000) < standardLoad.crossingsPerPoint * 1_000_000 ? 80 + randomInt(20) : 20 + randomInt(40);
