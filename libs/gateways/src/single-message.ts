/**
 * A request to `POST /v1/messages`: the body is the payload, untouched; `Millrace-Message-Id` and `Millrace-Time` (ISO 8601)
 * say what a batch says in `id` and `time`.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { MillraceError, type ReceivedMessage } from '@millrace/contracts';
import type { Sender } from './gateway.ts';
import { microsOf } from './iso-time.ts';
import { contentTypePattern, messageIdCharsMax, noAttributes } from './message-limits.ts';

/** Throws `not_allowed` for a key that is no device's, `empty_body`, or `invalid_field` naming the header. */
export function readSingleMessage(
  headers: IncomingHttpHeaders,
  body: Buffer | undefined,
  sender: Sender,
): ReceivedMessage {
  const { tenant, deviceUid } = sender;
  if (deviceUid === null)
    throw new MillraceError('not_allowed', 'A key of a tenant names its devices: send to /v1/messages/batch.');
  if (!body?.length) throw new MillraceError('empty_body', 'Send the payload as the body.');
  return {
    tenant,
    deviceUid,
    identificationCode: null,
    senderId: senderIdOf(headers['millrace-message-id']),
    timeMicros: timeMicrosOf(headers['millrace-time']),
    repeated: false,
    contentType: contentTypeOf(headers['content-type']),
    attributes: noAttributes,
    payload: body,
  };
}

function senderIdOf(id: string | string[] | undefined): string | null {
  if (id === undefined) return null;
  if (typeof id === 'string' && id.length > 0 && id.length <= messageIdCharsMax) return id;
  throw wrongHeader('Millrace-Message-Id', `Must be text of 1 to ${messageIdCharsMax} characters.`);
}

function timeMicrosOf(time: string | string[] | undefined): number | null {
  if (time === undefined) return null;
  const micros = typeof time === 'string' ? microsOf(time) : undefined;
  if (micros !== undefined) return micros;
  throw wrongHeader('Millrace-Time', 'Must be ISO 8601 with a zone, such as 2026-03-01T12:30:00.123456Z.');
}

function contentTypeOf(contentType: string | undefined): string {
  if (contentType === undefined) return 'application/octet-stream';
  if (contentTypePattern.test(contentType)) return contentType;
  throw wrongHeader('Content-Type', 'Must be a media type such as application/json.');
}

function wrongHeader(field: string, detail: string): MillraceError {
  return new MillraceError('invalid_field', `${field}: ${detail}`, {
    errors: [{ field, code: 'invalid_format', detail }],
  });
}
