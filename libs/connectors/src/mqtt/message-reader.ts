/** PUBLISH packet → received message: who sent it, what of the envelope scripts may need. */
import { microsOfIsoTime, type ReceivedMessage } from '@millrace/contracts';
import type { IPublishPacket } from 'mqtt-packet';
import type { DeviceFinder, RejectedMessage } from '../connector.ts';
import { cutToSize, problemOfSize } from '../payload-size.ts';
import { type Claim, claimed, findDevice, type Problem, problem, problemOfDevice, unknownSender } from '../sender.ts';
import type { DeviceRule } from './settings.ts';
import type { TopicMatch } from './topic-pattern.ts';

/** A connection sees the same topics again and again; past this many it begins anew, to bound the memory. */
const topicsRememberedMax = 10_000;

/** Longer ids are no ids. */
const senderIdCharsMax = 256;

/** MQTT 5 user properties in which a sender may give its own message id and time. */
const idProperty = 'millrace-id';
const timeProperty = 'millrace-time';

interface TopicFacts {
  readonly match: TopicMatch | undefined;
  /** Shared by all messages of the topic. */
  readonly attributes: Readonly<Record<string, string>>;
}

export class MessageReader {
  readonly #tenant: string;
  readonly #rule: DeviceRule;
  readonly #devices: DeviceFinder;
  readonly #topics = new Map<string, TopicFacts>();

  constructor(tenant: string, rule: DeviceRule, devices: DeviceFinder) {
    this.#tenant = tenant;
    this.#rule = rule;
    this.#devices = devices;
  }

  /** The message of a known device, or why it can never be taken. */
  read(packet: IPublishPacket): ReceivedMessage | RejectedMessage {
    const facts = this.#factsOf(packet.topic);
    const payload = packet.payload as Buffer;
    const claim = problemOfSize(payload) ?? this.#claimOf(facts, payload);
    const device = 'code' in claim ? undefined : findDevice(this.#devices, claim);
    const problem = 'code' in claim ? claim : (problemOfDevice(claim, device) ?? problemOfEnvelope(packet));
    const message: ReceivedMessage = {
      tenant: this.#tenant,
      deviceUid: device?.deviceUid ?? claimed(claim, 'deviceUid') ?? '',
      identificationCode: claimed(claim, 'identificationCode') ?? null,
      senderId: problem === undefined ? (userProperty(packet, idProperty) ?? null) : null,
      timeMicros: problem === undefined ? timeMicrosOf(packet) : null,
      repeated: packet.dup,
      contentType: packet.properties?.contentType ?? 'application/octet-stream',
      attributes: packet.retain ? { ...facts.attributes, retained: 'true' } : facts.attributes,
      payload: cutToSize(payload),
    };
    return problem === undefined ? message : { ...problem, message };
  }

  #factsOf(topic: string): TopicFacts {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const match = this.#rule.kind === 'topic' ? this.#rule.pattern.match(topic) : undefined;
    const facts = { match, attributes: { ...match?.variables, topic } };
    if (this.#topics.size >= topicsRememberedMax) this.#topics.clear();
    this.#topics.set(topic, facts);
    return facts;
  }

  #claimOf({ match }: TopicFacts, payload: Buffer): Claim | Problem {
    if (this.#rule.kind === 'payload') return claimInPayload(this.#rule, payload);
    if (match === undefined) return unknownSender("The topic is not of the form of the connection's pattern.");
    return { names: this.#rule.pattern.names, sender: match.sender };
  }
}

export function isRejected(read: ReceivedMessage | RejectedMessage): read is RejectedMessage {
  return 'code' in read;
}

function claimInPayload(rule: DeviceRule & { readonly kind: 'payload' }, payload: Buffer): Claim | Problem {
  let document: unknown;
  try {
    document = JSON.parse(payload.toString('utf8'));
  } catch {
    return problem('malformed_body', 'The payload is not JSON, so it names no device.');
  }
  const code = rule.pointer.resolve(document);
  if (typeof code !== 'string' && typeof code !== 'number')
    return unknownSender('The payload has no identification code where the connection looks for it.');
  return { names: 'identificationCode', sender: String(code) };
}

function problemOfEnvelope(packet: IPublishPacket): Problem | undefined {
  if (packet.properties?.userProperties === undefined) return undefined;
  const id = userProperty(packet, idProperty);
  if (id !== undefined && (id === '' || id.length > senderIdCharsMax))
    return problem('invalid_field', `Give 1 to ${senderIdCharsMax} characters in the user property ${idProperty}.`);
  const time = userProperty(packet, timeProperty);
  if (time !== undefined && microsOfIsoTime(time) === undefined)
    return problem('invalid_field', `Give an ISO 8601 time with zone in the user property ${timeProperty}.`);
  return undefined;
}

function timeMicrosOf(packet: IPublishPacket): number | null {
  const time = userProperty(packet, timeProperty);
  return time === undefined ? null : (microsOfIsoTime(time) ?? null);
}

/** The first one, should the sender repeat the property. */
function userProperty(packet: IPublishPacket, name: string): string | undefined {
  const value = packet.properties?.userProperties?.[name];
  return Array.isArray(value) ? value[0] : value;
}
