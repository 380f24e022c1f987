/** The settings of an MQTT connection: what the configuration may say, checked once. */
import { z } from 'zod';
import type { Connection } from '../connector.ts';
import { tlsSettings } from '../tls-settings.ts';
import { type JsonPointer, parseJsonPointer } from '../json-pointer.ts';
import { isSharedFilter, topicFilterProblem, topicProblem } from './topic-filter.ts';
import { parseTopicPattern, type TopicPattern } from './topic-pattern.ts';

export type DeviceRule =
  | { readonly kind: 'topic'; readonly pattern: TopicPattern }
  | { readonly kind: 'payload'; readonly pointer: JsonPointer };

type QoS = 0 | 1 | 2;

export interface MqttSettings extends Omit<
  Connection,
  'url' | 'protocolVersion' | 'subscriptions' | 'deviceFrom' | 'will'
> {
  readonly url: URL;
  readonly protocolVersion: 4 | 5;
  readonly subscriptions: readonly { readonly topicFilter: string; readonly qos: QoS }[];
  readonly deviceFrom: DeviceRule;
  readonly will: {
    readonly topic: string;
    readonly payload: string;
    readonly qos: QoS;
    readonly retain: boolean;
  } | null;
}

/** More would not fit into one SUBSCRIBE of a sensible size. */
const subscriptionsMax = 100;

/** Fields of two bytes: length of a text, keep-alive. */
const sixteenBits = 65_535;
/** "For ever" (MQTT 5, section 3.1.2.11.2). */
const sessionExpirySecondsMax = 0xffff_ffff;
/** 2,000 are enough for 200,000 a second at 10 ms per batch; more only means more messages that come twice after a crash. */
const receiveMaximumMax = 5_000;

const protocols: readonly string[] = ['mqtt:', 'mqtts:', 'ws:', 'wss:'];
const secureProtocols: readonly string[] = ['mqtts:', 'wss:'];

const url = z.string().transform((text, context): URL => {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  const problem = parsed === undefined ? 'Write mqtt://host:port.' : urlProblem(parsed);
  if (problem === undefined && parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: problem ?? '' });
  return z.NEVER;
});

const between = (min: number, max: number) =>
  z.int().refine((value) => value >= min && value <= max, `Give a number from ${min} to ${max}.`);

const qos = z.literal([0, 1, 2], 'Give one of the qualities of service 0, 1 and 2.');

const subscription = z.strictObject({ topicFilter: text(topicFilterProblem), qos });

const will = z
  .strictObject({
    topic: text(topicProblem),
    payload: text((payload) =>
      Buffer.byteLength(payload) > sixteenBits ? `Give at most ${sixteenBits} bytes.` : undefined,
    ),
    qos,
    retain: z.boolean(),
  })
  .nullable();

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

const connection = z.strictObject({
  tenant: z.string(),
  connectionId: z.string(),
  kind: z.literal('mqtt'),
  url,
  /** The broker keeps the session under it, so it is ours to choose, never empty. */
  clientId: z.string().min(1).max(256),
  protocolVersion: z.literal([4, 5], 'Give 4 (MQTT 3.1.1) or 5.'),
  keepaliveSeconds: between(0, sixteenBits),
  username: z.string().nullable(),
  password: z.string().nullable(),
  token: z.string().min(1).nullable(),
  tls: tlsSettings,
  cleanStart: z.boolean(),
  sessionExpirySeconds: between(1, sessionExpirySecondsMax),
  receiveMaximum: between(1, receiveMaximumMax),
  will,
  subscriptions: z.array(subscription).min(1).max(subscriptionsMax).readonly(),
  deviceFrom,
  modbus: z.null(),
  http: z.null(),
  headers: z.null(),
});

export const mqttSettings: z.ZodType<MqttSettings> = connection.superRefine((it, context) => {
  const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
  const { username, password, token, protocolVersion, subscriptions } = it;
  if (password !== null && token !== null) refuse(['token'], 'Give a password or a token, not both.');
  if (it.tls !== null && !secureProtocols.includes(it.url.protocol))
    refuse(['tls'], 'Begin the url with mqtts:// or wss://: without TLS nobody asks for certificates.');
  if (protocolVersion === 5) return;
  if (username === null && (password ?? token) !== null)
    refuse(['username'], 'MQTT 3.1.1 has no password without a username.');
  for (const [index, { topicFilter }] of subscriptions.entries())
    if (isSharedFilter(topicFilter))
      refuse(['subscriptions', index, 'topicFilter'], 'Shared subscriptions are of MQTT 5: set protocolVersion to 5.');
});

function text(problemOf: (text: string) => string | undefined) {
  return z.string().superRefine((value, context) => {
    const message = problemOf(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

function urlProblem({ protocol, hostname, username, password }: URL): string | undefined {
  if (!protocols.includes(protocol)) return 'Begin with mqtt://, mqtts://, ws:// or wss://.';
  if (hostname === '') return 'Name the host.';
  if (username !== '' || password !== '') return 'Give username and password as fields of their own, not in the URL.';
  return undefined;
}
