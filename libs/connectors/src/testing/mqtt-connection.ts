/** Connections to a test's broker, and what a configuration says where it says nothing. */
import type { Connection } from '../connector.ts';

export const noCredentials = { username: null, password: null, token: null, tls: null };

export const mqttDefaults = {
  clientId: 'millrace-test',
  protocolVersion: 5,
  keepaliveSeconds: 60,
  cleanStart: false,
  sessionExpirySeconds: 86_400,
  receiveMaximum: 2_000,
  will: null,
};

export function mqttConnection(rest: Partial<Connection> & Pick<Connection, 'url'>): Connection {
  return {
    tenant: 'acme',
    connectionId: 'broker',
    kind: 'mqtt',
    ...mqttDefaults,
    ...noCredentials,
    subscriptions: [{ topicFilter: 'plant/+/up', qos: 1 }],
    deviceFrom: { kind: 'topic', pattern: 'plant/{deviceUid}/up' },
    modbus: null,
    http: null,
    headers: null,
    ...rest,
  };
}
