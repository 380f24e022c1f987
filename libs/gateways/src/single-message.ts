/**
 * A request to `POST /v1/messages`: the body is the payload, untouched; `Millrace-Message-Id` and `Millrace-Time` (ISO 8601)
 * say what a batch says in `id` and `time`; query parameters, such as `?fPort=2`, are attributes for the script.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { microsOfIsoTime, MillraceError, type ReceivedMessage } from '@millrace/contracts';
import type { Sender } from './gateway.ts';
import {
  attributeCharsMax,
  attributeNamePattern,
  attributesMax,
  contentTypePattern,
  messageIdCharsMax,
  noAttributes,
} from './message-limits.ts';

export interface SingleRequest {
  readonly headers: IncomingHttpHeaders;
  /** As Fastify parses it: a list where a name comes twice. */
  readonly query: unknown;
  readonly body: unknown;
}

/** Throws `not_allowed` for a key that is no device's, `empty_body`, or `invalid_field` naming the header or parameter. */
export function readSingleMessage({ headers, query, body }: SingleRequest, sender: Sender): ReceivedMessage {
  const { tenant, deviceUid } = sender;
  if (deviceUid === null)
    throw new MillraceError('not_allowed', 'A key of a tenant names its devices: send to /v1/messages/batch.');
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw new MillraceError('empty_body', 'Send the payload as the body.');
  return {
    tenant,
    deviceUid,
    identificationCode: null,
    senderId: senderIdOf(headers['millrace-message-id']),
    timeMicros: timeMicrosOf(headers['millrace-time']),
    repeated: false,
    contentType: contentTypeOf(headers['content-type']),
    attributes: attributesOf(query),
    payload: body,
  };
}

function senderIdOf(id: string | string[] | undefined): string | null {
  if (id === undefined) return null;
  if (typeof id === 'string' && id.length > 0 && id.length <= messageIdCharsMax) return id;
  throw invalid('Millrace-Message-Id', `Must be text of 1 to ${messageIdCharsMax} characters.`);
}

function timeMicrosOf(time: string | string[] | undefined): number | null {
  if (time === undefined) return null;
  const micros = typeof time === 'string' ? microsOfIsoTime(time) : undefined;
  if (micros !== undefined) return micros;
  throw invalid('Millrace-Time', 'Must be ISO 8601 with a zone, such as 2026-03-01T12:30:00.123456Z.');
}

function contentTypeOf(contentType: string | undefined): string {
  if (contentType === undefined) return 'application/octet-stream';
  if (contentTypePattern.test(contentType)) return contentType;
  throw invalid('Content-Type', 'Must be a media type such as application/json.');
}

function attributesOf(query: unknown): Readonly<Record<string, string>> {
  const parameters = Object.entries(query as Record<string, string | string[]>);
  if (parameters.length === 0) return noAttributes;
  if (parameters.length > attributesMax) throw invalid('query', `Give at most ${attributesMax} parameters.`);
  const attributes: Record<string, string> = {};
  for (const [name, value] of parameters) {
    if (!attributeNamePattern.test(name)) throw invalid(name.slice(0, 64), 'Is not the name of an attribute.');
    if (typeof value !== 'string') throw invalid(name, 'Is there more than once.');
    if (value.length > attributeCharsMax) throw invalid(name, `Must have at most ${attributeCharsMax} characters.`);
    attributes[name] = value;
  }
  return attributes;
}

function invalid(field: string, detail: string): MillraceError {
  return new MillraceError('invalid_field', `${field}: ${detail}`, {
    errors: [{ field, code: 'invalid_format', detail }],
  });
}
