/**
 * Messages in JSON, `{"device"?, "id"?, "time"?, "contentType"?, "payload": base64 | "json": any}` each. The body of
 * `POST /v1/messages/batch` is `{"messages": [...]}` of them, all or nothing; a line of TCP is one.
 * By hand and in one pass, since this is the hot path; a test holds it against a zod schema.
 */
import { isUtf8 } from 'node:buffer';
import {
  type ErrorCode,
  type FieldError,
  microsOfIsoTime,
  MillraceError,
  type ReceivedMessage,
} from '@millrace/contracts';
import type { DeviceRefusal, Sender } from './gateway.ts';
import { contentTypePattern, messageIdCharsMax, noAttributes, payloadBytesMax } from './message-limits.ts';

/** Enough to see the pattern of a mistake. */
const errorsShownMax = 50;
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Messages as they stand in the body, not checked yet. Throws `malformed_body`, `empty_body` or `invalid_field`. */
export function batchEntries(body: Buffer, messagesMax: number): readonly unknown[] {
  if (body.length === 0) throw new MillraceError('empty_body', 'Send a JSON object with messages.');
  const batch = parseJson(body);
  if (!isObject(batch)) throw invalid('', 'invalid_type', 'The body must be a JSON object.');
  for (const key in batch) if (key !== 'messages') throw invalid(key, 'unrecognized_keys', 'There is no such member.');
  const { messages } = batch;
  if (!Array.isArray(messages)) throw invalid('messages', 'invalid_type', 'Must be an array.');
  if (messages.length === 0) throw invalid('messages', 'too_small', 'Send at least one message.');
  if (messages.length > messagesMax)
    throw invalid('messages', 'too_big', `Send at most ${messagesMax} messages in a request.`);
  return messages;
}

/**
 * The messages, checked: form, and whether the sender may send for each device. One wrong message refuses them all, with
 * `invalid_field` (or what is wrong with the devices, where that is all there is) and `errors` naming `messages[3].device`.
 */
export function readBatch(entries: readonly unknown[], sender: Sender): readonly ReceivedMessage[] {
  const errors = new EntryErrors();
  const messages: ReceivedMessage[] = [];
  for (let index = 0; index < entries.length; index += 1) {
    errors.where = `messages[${index}]`;
    const message = readMessage(entries[index], sender, errors);
    if (message) messages.push(message);
  }
  errors.refuse();
  return messages;
}

/** One message that stands alone, checked; throws as `readBatch` does, with `errors` naming `device`. */
export function readLoneMessage(body: Buffer, sender: Sender): ReceivedMessage {
  const errors = new EntryErrors();
  const message = readMessage(parseJson(body), sender, errors);
  errors.refuse();
  return message!;
}

function readMessage(entry: unknown, sender: Sender, errors: EntryErrors): ReceivedMessage | undefined {
  if (!isObject(entry)) return errors.add('', 'invalid_type', 'Must be an object.');
  for (const key in entry)
    if (!isKnown(key)) errors.add('', 'unrecognized_keys', `There is no member ${key.slice(0, 64)}.`);
  const deviceUid = readDevice(entry['device'], sender, errors);
  const senderId = readId(entry['id'], errors);
  const timeMicros = readTime(entry['time'], errors);
  const payload = readPayload(entry, errors);
  const contentType = readContentType(entry['contentType'], entry['json'] !== undefined, errors);
  if (deviceUid === undefined || payload === undefined || contentType === undefined) return undefined;
  return {
    tenant: sender.tenant,
    deviceUid,
    identificationCode: null,
    senderId,
    timeMicros,
    repeated: false,
    contentType,
    attributes: noAttributes,
    payload,
  };
}

function readDevice(device: unknown, sender: Sender, errors: EntryErrors): string | undefined {
  if (device === undefined && sender.deviceUid !== null) return sender.deviceUid;
  if (typeof device !== 'string') return errors.add('.device', 'invalid_type', 'Name the device by its uid.');
  const refusal = sender.refusalOf(device);
  if (refusal === undefined) return device;
  return errors.add('.device', refusal, 'The device is unknown, not active, or not of this credential.');
}

function readId(id: unknown, errors: EntryErrors): string | null {
  if (id === undefined) return null;
  if (typeof id === 'string' && id.length > 0 && id.length <= messageIdCharsMax) return id;
  errors.add('.id', 'invalid_format', `Must be text of 1 to ${messageIdCharsMax} characters.`);
  return null;
}

function readTime(time: unknown, errors: EntryErrors): number | null {
  if (time === undefined) return null;
  const micros = typeof time === 'string' ? microsOfIsoTime(time) : undefined;
  if (micros !== undefined) return micros;
  errors.add('.time', 'invalid_format', 'Must be ISO 8601 with a zone, such as 2026-03-01T12:30:00.123456Z.');
  return null;
}

function readPayload(entry: Record<string, unknown>, errors: EntryErrors): Buffer | undefined {
  const { payload, json } = entry;
  if ((payload === undefined) === (json === undefined))
    return errors.add('.payload', 'invalid_type', 'Give either payload (base64) or json.');
  const bytes = json === undefined ? decoded(payload, errors) : written(json, errors);
  if (bytes === undefined) return undefined;
  if (bytes.length === 0) return errors.add('.payload', 'empty_body', 'The payload is empty.');
  if (bytes.length > payloadBytesMax)
    return errors.add('.payload', 'body_too_large', `A payload has at most ${payloadBytesMax} bytes.`);
  return bytes;
}

function decoded(payload: unknown, errors: EntryErrors): Buffer | undefined {
  if (typeof payload === 'string' && base64Pattern.test(payload)) return Buffer.from(payload, 'base64');
  return errors.add('.payload', 'invalid_format', 'Must be base64 with padding.');
}

/** JSON.parse takes what JSON.stringify cannot write again: arrays in arrays until the stack is full. */
function written(json: unknown, errors: EntryErrors): Buffer | undefined {
  try {
    return Buffer.from(JSON.stringify(json));
  } catch {
    return errors.add('.json', 'too_big', 'Is nested too deeply.');
  }
}

function readContentType(contentType: unknown, isJson: boolean, errors: EntryErrors): string | undefined {
  if (contentType === undefined) return isJson ? 'application/json' : 'application/octet-stream';
  if (typeof contentType === 'string' && contentTypePattern.test(contentType)) return contentType;
  return errors.add('.contentType', 'invalid_format', 'Must be a media type such as application/json.');
}

/** An unknown device is a wrong member; what is known and refused has a code of its own. */
const ofDevices: ReadonlySet<ErrorCode> = new Set<DeviceRefusal>([
  'not_allowed',
  'device_not_active',
  'device_disabled',
  'device_retired',
]);

class EntryErrors {
  /** The message that is being read; empty when it stands alone. */
  where = '';
  readonly #shown: FieldError[] = [];
  readonly #codes = new Set<string>();
  #count = 0;

  /** Returns undefined, which stands for the value that is wrong. */
  add(member: string, code: string, detail: string): undefined {
    this.#count += 1;
    this.#codes.add(code);
    const field = this.where === '' ? member.slice(1) : this.where + member;
    if (this.#shown.length < errorsShownMax) this.#shown.push({ field, code, detail });
  }

  refuse(): void {
    const [first] = this.#shown;
    if (!first) return;
    const detail = `No message was taken: ${first.field}: ${first.detail}${this.#count > 1 ? ` (and ${this.#count - 1} more)` : ''}`;
    throw new MillraceError(this.#code(), detail, { errors: this.#shown });
  }

  /** A refusal of devices alone says so; any other mistake makes the request as a whole wrong. */
  #code(): ErrorCode {
    const [only, second] = this.#codes;
    return second === undefined && ofDevices.has(only as ErrorCode) ? (only as ErrorCode) : 'invalid_field';
  }
}

function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) throw new MillraceError('malformed_body', 'The body is not UTF-8.');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new MillraceError('malformed_body', 'The body is not JSON.', { cause: error });
  }
}

function invalid(field: string, code: string, detail: string): MillraceError {
  return new MillraceError('invalid_field', detail, { errors: [{ field, code, detail }] });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isKnown(key: string): boolean {
  return (
    key === 'device' || key === 'payload' || key === 'id' || key === 'time' || key === 'contentType' || key === 'json'
  );
}
