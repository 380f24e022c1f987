/** Publishes uplinks to the plant's broker with QoS 1 under `<tenant>/<identification code>/up`, one client per tenant. */
import { connectAsync, type MqttClient } from 'mqtt';
import type { Sender } from './fleet.ts';

export function mqttSender(broker: string): Sender & { close(): Promise<void> } {
  const clients = new Map<string, Promise<MqttClient>>();
  const clientOf = (tenant: string): Promise<MqttClient> => {
    const client = clients.get(tenant) ?? connectAsync(broker, { clientId: `fleet-${tenant}`, protocolVersion: 5 });
    clients.set(tenant, client);
    client.catch(() => clients.delete(tenant));
    return client;
  };
  const send: Sender = async ({ tenant, identificationCode }, { fPort, frame }, time) => {
    const client = await clientOf(tenant);
    await client.publishAsync(`${tenant}/${identificationCode}/up`, frame, {
      qos: 1,
      properties: { userProperties: { 'millrace-time': time.toISOString(), fPort: String(fPort) } },
    });
  };
  const close = async (): Promise<void> => {
    for (const client of clients.values()) await (await client).endAsync();
  };
  return Object.assign(send, { close });
}
