/** What the client managers of a failover stack have: one tenant, connections to two brokers, one device each. */
import { type EntityName, followConfiguration, publishConfiguration, readConfigurationFolder } from '@millrace/config';
import { connectRegistry, createKafka, RecordProducer } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import type { Stack } from '../stack/index.ts';
import type { NumberedDevice } from './numbered-senders.ts';

export const tenant = 'failover';
const entities: readonly EntityName[] = ['tenants', 'products', 'devices'];

export interface PlantConnection {
  /** With the tenant, as in the raw topic. */
  readonly key: string;
  readonly body: object;
  readonly device: NumberedDevice;
}

/** Every second one is of the broker that speaks MQTT 3.1.1. */
export function connectionsOf(count: number, mosquitto: string, aedes: string): readonly PlantConnection[] {
  return Array.from({ length: count }, (_, index) => {
    const connectionId = `line-${String(index).padStart(4, '0')}`;
    const isFive = index % 2 === 0;
    const broker = isFive ? mosquitto : aedes;
    const protocolVersion = isFive ? 5 : 4;
    const body = {
      connectionId,
      kind: 'mqtt',
      url: broker,
      clientId: `millrace-${connectionId}`,
      protocolVersion,
      subscriptions: [{ topicFilter: `${connectionId}/+/up`, qos: 1 }],
      deviceFrom: { kind: 'topic', pattern: `${connectionId}/{deviceUid}/up` },
    };
    const deviceUid = `device-${index}`;
    const topic = `${connectionId}/${deviceUid}/up`;
    return { key: `${tenant}/${connectionId}`, body, device: { deviceUid, broker, protocolVersion, topic } };
  });
}

export function filesOf(connections: readonly PlantConnection[]): Record<string, object> {
  const productId = 'counter';
  return {
    'tenants.json': [{ tenant, name: 'Failover', retentionClass: '30d' }],
    'products.json': [{ tenant, productId, name: 'Counter' }],
    'devices.json': connections.map(({ device: { deviceUid } }) => ({ tenant, deviceUid, productId })),
  };
}

/** As the api would; the connections are created through the client managers. */
export async function publishFolder(
  stack: Pick<Stack, 'address'>,
  configDir: string,
  signal: AbortSignal,
): Promise<void> {
  const kafka = createKafka({ brokers: [stack.address('kafka')], clientId: 'failover' });
  const registry = connectRegistry({ url: stack.address('registry') });
  const producer = new RecordProducer(kafka);
  const published = await followConfiguration(kafka, registry, entities, signal);
  const secrets = { hash: (secret: string) => secret, seal: (secret: string) => Buffer.from(secret) };
  const publisher = { entities, published, producer, registry, secrets, clock: systemClock, ownsTenant: () => true };
  await publishConfiguration(publisher, await readConfigurationFolder(configDir), signal);
  await published.close();
  await producer.close();
}
