/** The small plant of the integrity tests: devices over HTTP and over MQTT, a script, a rule that mails. */
import { keyIdOf } from '@millrace/auth';
import { hostileEntries, hostileScripts } from './hostile-plant.ts';

export const httpTenant = 'it_http';
export const mqttTenant = 'it_mqtt';
export const signal = 'value';
export const table = 'points_30d';

const deviceCount = 10;
/** Its points pass the rule's threshold again and again, and people hear of it. */
export const alarmThreshold = 90;
const cycle = 100;

export const deviceUids: readonly string[] = Array.from({ length: deviceCount }, (_, index) => `machine-${index}`);
export const recipient = 'shift@plant.example';

/** Often enough that one is being evaluated soon after a test wants it. */
export const statisticSeconds = 4;

/** A saw tooth 0..99: above the threshold for a tenth of the time. */
export const valueAt = (turn: number): number => turn % cycle;

/** What a device sends: its value, or what makes its script throw. */
export const payloadOf = (value: number | null): object => (value === null ? { does: 'throw' } : { value });

/** Does what the payload says: usually it is the data. */
export const script = `function decodeUplink(input) {
  const payload = JSON.parse(String.fromCharCode.apply(null, input.bytes));
  if (payload.does === 'throw') throw new Error('as told');
  if (payload.does === 'loop') for (;;);
  if (payload.does === 'nan') return { data: { value: NaN } };
  return { data: payload };
}
`;

/** Takes so long that it is found at work. */
const statisticScript = `function evaluate(window) {
  const until = Date.now() + 50;
  while (Date.now() < until);
  return { count: window.inputs.value.length };
}
`;

/** The configuration folder as file name → content; `apiKey` is the HTTP tenant's; with `hostileKey` there is one who attacks. */
export function plantConfiguration(broker: string, apiKey: string, hostileKey?: string): Record<string, string> {
  const tenants = [httpTenant, mqttTenant];
  const files: Record<string, readonly object[]> = {
    'tenants.json': tenants.map((tenant) => ({ tenant, name: tenant, retentionClass: '30d' })),
    'scripts.json': tenants
      .map((tenant) => ({
        tenant,
        scriptId: 'machine',
        language: 'javascript',
        file: 'scripts/machine.js',
      }))
      .concat({ tenant: httpTenant, scriptId: 'count', language: 'javascript', file: 'scripts/count.js' }),
    'statistics.json': [
      {
        tenant: httpTenant,
        statisticId: 'count',
        name: 'Points',
        cron: `*/${statisticSeconds} * * * * *`,
        graceSeconds: 1,
        productId: 'machine',
        inputs: [{ name: 'value', signal }],
        scriptId: 'count',
      },
    ],
    'products.json': tenants.map((tenant) => ({ tenant, productId: 'machine', name: 'Machine', scriptId: 'machine' })),
    'devices.json': tenants.flatMap((tenant) =>
      deviceUids.map((deviceUid) => ({ tenant, deviceUid, productId: 'machine' })),
    ),
    'api-keys.json': [{ tenant: httpTenant, keyId: keyIdOf(apiKey), key: apiKey, scopes: ['ingest', 'read'] }],
    'alarm-rules.json': tenants.map((tenant) => ({
      tenant,
      ruleId: 'too-high',
      name: 'Too high',
      productId: 'machine',
      signal,
      grades: [{ severity: 'major', low: alarmThreshold }],
      notify: [{ channelId: 'mail', templateId: 'mail', recipients: [recipient] }],
    })),
    'channels.json': tenants.map((tenant) => ({ tenant, channelId: 'mail', kind: 'email' })),
    'templates.json': tenants.map((tenant) => ({
      tenant,
      templateId: 'mail',
      subject: '${transition} ${device}',
      body: '${eventId}',
    })),
    'connections.json': deviceUids.map((deviceUid) => ({
      tenant: mqttTenant,
      connectionId: `broker-${deviceUid}`,
      kind: 'mqtt',
      url: broker,
      clientId: `millrace-integrity-${deviceUid}`,
      subscriptions: [{ topicFilter: `${mqttTenant}/${deviceUid}/up`, qos: 1 }],
      deviceFrom: { kind: 'topic', pattern: `${mqttTenant}/{deviceUid}/up` },
    })),
  };
  const more = hostileKey === undefined ? {} : hostileEntries(hostileKey);
  const texts = Object.entries(files).map(([name, entries]) => [
    name,
    JSON.stringify([...entries, ...(more[name] ?? [])]),
  ]);
  const scripts = { 'scripts/machine.js': script, 'scripts/count.js': statisticScript };
  return { ...Object.fromEntries(texts), ...scripts, ...(hostileKey !== undefined && hostileScripts) };
}
