/** MQTT connections in files. */
import type { ConnectionConfig } from '@millrace/contracts';
import { z } from 'zod';
import { label, labelCharsMax } from '../entity-fields.ts';
import { common, commonOf, credentials, credentialsOf, withoutMqtt } from './connection-fields.ts';

/** MQTT allows 65,535 bytes. */
const topicCharsMax = 1024;
/** A will is a sentence, or a small document; MQTT allows 65,535 bytes. */
const willCharsMax = 4096;
/** "For ever" (MQTT 5, section 3.1.2.11.2). */
const sessionExpirySecondsMax = 0xffff_ffff;
/** Twice as many may be in memory, for brokers that send more than we allow. */
const receiveMaximumMax = 5_000;

const qos = z.int().min(0).max(2).default(1);

export const mqttFile = z
  .strictObject({
    ...common,
    ...credentials,
    kind: z.literal('mqtt'),
    clientId: z.string().min(1).max(labelCharsMax),
    protocolVersion: z.union([z.literal(4), z.literal(5)]).default(5),
    keepaliveSeconds: z.int().min(1).max(65_535).default(withoutMqtt.keepaliveSeconds),
    cleanStart: z.boolean().default(withoutMqtt.cleanStart),
    sessionExpirySeconds: z.int().min(1).max(sessionExpirySecondsMax).default(withoutMqtt.sessionExpirySeconds),
    receiveMaximum: z.int().min(1).max(receiveMaximumMax).default(withoutMqtt.receiveMaximum),
    will: z
      .strictObject({
        topic: z.string().min(1).max(topicCharsMax),
        payload: z.string().max(willCharsMax).default(''),
        qos,
        retain: z.boolean().default(false),
      })
      .nullable()
      .default(null),
    subscriptions: z.array(z.strictObject({ topicFilter: z.string().min(1).max(topicCharsMax), qos })).min(1),
    deviceFrom: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('topic'),
        pattern: z.string().regex(/\{(deviceUid|identificationCode)\}/, 'needs {deviceUid} or {identificationCode}'),
      }),
      z.strictObject({ kind: z.literal('payload'), pattern: label.regex(/^\//, 'must be a JSON Pointer') }),
    ]),
  })
  .transform((it) => ({ ...it, modbus: null, http: null, headers: null }));

/** Back to the form of a file. */
export function mqttFileForm(published: ConnectionConfig): Readonly<Record<string, unknown>> {
  const { clientId, protocolVersion, keepaliveSeconds, cleanStart, sessionExpirySeconds, receiveMaximum } = published;
  const { will, subscriptions, deviceFrom } = published;
  return {
    ...commonOf(published),
    ...credentialsOf(published),
    clientId,
    protocolVersion,
    keepaliveSeconds,
    cleanStart,
    sessionExpirySeconds,
    receiveMaximum,
    will: will && { ...will },
    subscriptions: subscriptions.map((one) => ({ ...one })),
    deviceFrom: { ...deviceFrom },
  };
}
