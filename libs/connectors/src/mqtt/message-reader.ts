/** PUBLISH packet → received message: who sent it, what of the envelope scripts may need. */
import { type ErrorCode, microsOfIsoTime, type ReceivedMessage, silenceOf } from '@millrace/contracts';
import type { IPublishPacket } from 'mqtt-packet';
import type { DeviceFinder, KnownDevice, RejectedMessage } from '../connector.ts';
import type { DeviceRule } from './settings.ts';
import type { SenderName, TopicMatch } from './topic-pattern.ts';

/** Kafka takes 1 MiB per record; a raw record is closed at half of it. */
export const payloadBytesMax = 512 * 1024;

/** A connection sees the same topics again and again; past this many it begins anew, to bound the memory. */
const topicsRememberedMax = 10_000;

/** Longer ids are no ids. */
const senderIdCharsMax = 256;

/** A sender that nobody knows may claim a name of any length. */
const claimCharsMax = 128;

/** MQTT 5 user properties in which a sender may give its own message id and time. */
const idProperty = 'millrace-id';
const timeProperty = 'millrace-time';

type Problem = Pick<RejectedMessage, 'code' | 'detail'>;

interface TopicFacts {
  readonly match: TopicMatch | undefined;
  /** Shared by all messages of the topic. */
  readonly attributes: Readonly<Record<string, string>>;
}

interface Claim {
  readonly names: SenderName;
  readonly sender: string;
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
    const device = 'code' in claim ? undefined : this.#find(claim);
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
      payload: payload.length > payloadBytesMax ? payload.subarray(0, payloadBytesMax) : payload,
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

  #find({ names, sender }: Claim): KnownDevice | undefined {
    return names === 'deviceUid' ? this.#devices.byUid(sender) : this.#devices.byIdentificationCode(sender);
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

function problemOfDevice({ names, sender }: Claim, device: KnownDevice | undefined): Problem | undefined {
  const what = names === 'deviceUid' ? 'uid' : 'identification code';
  if (device === undefined)
    return unknownSender(`No device of the tenant has the ${what} "${sender.slice(0, claimCharsMax)}".`);
  const silence = silenceOf(device.state);
  return silence && problem(silence, `The device "${device.deviceUid}" is ${device.state}.`);
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

function claimed(claim: Claim | Problem, names: SenderName): string | undefined {
  return 'names' in claim && claim.names === names ? claim.sender.slice(0, claimCharsMax) : undefined;
}

/** Too much is cut for the dead letter, which must fit into a record as well; the detail tells the true size. */
function problemOfSize({ length }: Buffer): Problem | undefined {
  if (length === 0) return problem('empty_body', 'The payload is empty.');
  if (length <= payloadBytesMax) return undefined;
  return problem(
    'body_too_large',
    `The payload has ${length} bytes, the limit is ${payloadBytesMax}; the rest is cut.`,
  );
}

function unknownSender(detail: string): Problem {
  return problem('unknown_sender', detail);
}

function problem(code: ErrorCode, detail: string): Problem {
  return { code, detail };
}
