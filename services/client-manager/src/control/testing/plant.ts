/** Connections as a request names them. */

/** A connection to a broker that is not there. */
export const plant = (connectionId: string, more: object = {}): object => ({
  connectionId,
  kind: 'mqtt',
  url: 'mqtt://broker.example:1883',
  clientId: `plant-${connectionId}`,
  username: 'millrace',
  password: 'very secret',
  subscriptions: [{ topicFilter: 'plant/+/up', qos: 1 }],
  deviceFrom: { kind: 'topic', pattern: 'plant/{deviceUid}/up' },
  ...more,
});
