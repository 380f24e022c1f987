/** What every connection has, and a protocol that is not MQTT has no use for. */
import { z } from 'zod';

export const mqttFree = {
  clientId: z.string(),
  protocolVersion: z.int(),
  keepaliveSeconds: z.int(),
  subscriptions: z.array(z.never()),
  cleanStart: z.boolean(),
  sessionExpirySeconds: z.int(),
  receiveMaximum: z.int(),
  will: z.null(),
};
