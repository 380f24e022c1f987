/** The first line of a connection: `RAW` or `JSON`, a space, and who sends. */
import { isUtf8 } from 'node:buffer';
import { MillraceError, type ReceivedMessage } from '@millrace/contracts';
import type { Sender } from '../gateway.ts';
import { readLoneMessage } from '../message-batch.ts';
import { noAttributes, payloadBytesMax } from '../message-limits.ts';
import { type Line, tooLong } from './line-splitter.ts';

/** A tenant, a uid and a password of 256 characters fit in any alphabet, and so does a token of a foreign issuer. */
export const firstLineBytesMax = 4_096;

export interface Introduction {
  /** In the form of an Authorization header. */
  readonly authorization: string;
  readonly dialect: Dialect;
}

/** How lines become messages. */
export interface Dialect {
  readonly lineBytesMax: number;
  /** Throws what is wrong with the line. */
  read(line: Buffer, sender: Sender): ReceivedMessage;
}

const raw: Dialect = {
  lineBytesMax: payloadBytesMax,
  read(payload, { tenant, deviceUid }) {
    if (deviceUid === null)
      throw new MillraceError('not_allowed', 'A key of a tenant names its devices: begin with JSON and the key.');
    if (payload.length === 0) throw new MillraceError('empty_body', 'Send the payload as a line.');
    return {
      tenant,
      deviceUid,
      identificationCode: null,
      senderId: null,
      timeMicros: null,
      repeated: false,
      contentType: 'text/plain',
      attributes: noAttributes,
      payload,
    };
  },
};

const json: Dialect = {
  /** The largest payload in base64, and the other members. */
  lineBytesMax: Math.ceil(payloadBytesMax / 3) * 4 + 4_096,
  read(line, sender) {
    if (line.length === 0) throw new MillraceError('empty_body', 'Send a JSON object as a line.');
    return readLoneMessage(line, sender);
  },
};

const dialects: Readonly<Record<string, Dialect>> = { RAW: raw, JSON: json };

/** Throws `malformed_request` for what is no introduction. */
export function readFirstLine(line: Line): Introduction {
  if (line === tooLong)
    throw new MillraceError('malformed_request', `The first line has at most ${firstLineBytesMax} bytes.`);
  const text = isUtf8(line) ? line.toString('utf8') : '';
  const space = text.indexOf(' ');
  const word = text.slice(0, Math.max(0, space));
  const dialect = Object.hasOwn(dialects, word) ? dialects[word] : undefined;
  if (dialect) return { authorization: authorizationOf(text.slice(space + 1)), dialect };
  throw new MillraceError(
    'malformed_request',
    'Begin with a line "RAW tenant/deviceUid:password" or "JSON tenant/deviceUid:password", or a key or token behind the word.',
  );
}

/** Keys and tokens have no colon. */
function authorizationOf(credential: string): string {
  return credential.includes(':') ? `Basic ${Buffer.from(credential).toString('base64')}` : `Bearer ${credential}`;
}
