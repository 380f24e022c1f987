/** The settings of an MQTT connection: what the configuration may say, checked once. */
import { z } from 'zod';
import type { Connection } from '../connector.ts';
import { type JsonPointer, parseJsonPointer } from '../json-pointer.ts';
import { topicFilterProblem } from './topic-filter.ts';
import { parseTopicPattern, type TopicPattern } from './topic-pattern.ts';

export type DeviceRule =
  | { readonly kind: 'topic'; readonly pattern: TopicPattern }
  | { readonly kind: 'payload'; readonly pointer: JsonPointer };

export interface MqttSettings extends Omit<Connection, 'url' | 'protocolVersion' | 'subscriptions' | 'deviceFrom'> {
  readonly url: URL;
  readonly protocolVersion: 4 | 5;
  readonly subscriptions: readonly { readonly topicFilter: string; readonly qos: 0 | 1 | 2 }[];
  readonly deviceFrom: DeviceRule;
}

/** More would not fit into one SUBSCRIBE of a sensible size. */
const subscriptionsMax = 100;

const protocols: readonly string[] = ['mqtt:', 'mqtts:', 'ws:', 'wss:'];

const url = z.string().transform((text, context): URL => {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  const problem = parsed === undefined ? 'Write mqtt://host:port.' : urlProblem(parsed);
  if (problem === undefined && parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: problem ?? '' });
  return z.NEVER;
});

const subscription = z.strictObject({
  topicFilter: z.string().superRefine((filter, context) => {
    const problem = topicFilterProblem(filter);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  }),
  qos: z.literal([0, 1, 2]),
});

const deviceFrom = z
  .strictObject({ kind: z.enum(['topic', 'payload']), pattern: z.string().min(1) })
  .transform(({ kind, pattern }, context): DeviceRule => {
    try {
      if (kind === 'topic') return { kind, pattern: parseTopicPattern(pattern) };
      const pointer = parseJsonPointer(pattern);
      if (pointer === undefined) throw new SyntaxError('Write a JSON Pointer such as /device/serial.');
      return { kind, pointer };
    } catch (error) {
      context.addIssue({ code: 'custom', path: ['pattern'], message: (error as Error).message });
      return z.NEVER;
    }
  });

const pem = z.string().startsWith('-----BEGIN ').nullable();

export const mqttSettings: z.ZodType<MqttSettings> = z
  .strictObject({
    tenant: z.string(),
    connectionId: z.string(),
    kind: z.literal('mqtt'),
    url,
    /** The broker keeps the session under it, so it is ours to choose, never empty. */
    clientId: z.string().min(1).max(256),
    protocolVersion: z.literal([4, 5]),
    keepaliveSeconds: z.int().min(0).max(65_535),
    username: z.string().nullable(),
    password: z.string().nullable(),
    subscriptions: z.array(subscription).min(1).max(subscriptionsMax).readonly(),
    deviceFrom,
    tls: z.strictObject({ ca: pem, cert: pem, key: pem }).nullable(),
    modbus: z.null(),
  })
  .refine(
    ({ username, password, protocolVersion }) => username !== null || password === null || protocolVersion === 5,
    {
      path: ['username'],
      message: 'MQTT 3.1.1 has no password without a username.',
    },
  );

function urlProblem({ protocol, hostname, username, password }: URL): string | undefined {
  if (!protocols.includes(protocol)) return 'Begin with mqtt://, mqtts://, ws:// or wss://.';
  if (hostname === '') return 'Name the host.';
  if (username !== '' || password !== '') return 'Give username and password as fields of their own, not in the URL.';
  return undefined;
}
