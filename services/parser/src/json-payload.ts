/** The payload codec of products without a script: a JSON object, flattened, or a data row list `[{time?, values}]`. */
import { type DecodedUplink, readUplinkResult, ScriptFailure } from '@millrace/sandbox';
import type { Failure } from './taken-messages.ts';

/** An integer that a double may not hold exactly. */
const longInteger = /\d{16}/;

/** Gives `malformed_body` for anything else. */
export function decodeJsonPayload(payload: Buffer): DecodedUplink | Failure {
  const data = parsed(payload.toString('utf8'));
  if (typeof data !== 'object' || data === null)
    return { code: 'malformed_body', detail: 'The product has no script, and the payload is no JSON object.' };
  const decoded = readUplinkResult({ data });
  return decoded instanceof ScriptFailure ? { code: 'malformed_body', detail: decoded.detail } : decoded;
}

function parsed(text: string): unknown {
  try {
    return longInteger.test(text) ? JSON.parse(text, exactInteger) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Integers beyond 2^53 stay exact as text: the digits as they stood in the payload. */
function exactInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isInexact = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isInexact && context?.source !== undefined && /^-?\d+$/.test(context.source) ? context.source : value;
}
