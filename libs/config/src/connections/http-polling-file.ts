/** Connections to web servers that are asked again and again, in files. */
import type { ConnectionConfig } from '@millrace/contracts';
import { z } from 'zod';
import { deviceUid, label, labelCharsMax, passwordCharsMax } from '../entity-fields.ts';
import { common, commonOf, credentials, credentialsOf, intervalMsMax, withoutMqtt } from './connection-fields.ts';

/** What answers faster than ten times a second is no web server of a machine. */
const intervalMsMin = 100;
const headersMax = 20;

const place = z.string().min(1).max(labelCharsMax);
const pointer = label.regex(/^(\/.*)?$/s, 'must be a JSON Pointer');

export const httpPollingFile = z
  .strictObject({
    ...common,
    ...credentials,
    kind: z.literal('http-polling'),
    /** In plain text; leave the folder only encrypted. */
    headers: z
      .record(z.string().min(1).max(labelCharsMax), z.string().max(passwordCharsMax))
      .refine((headers) => Object.keys(headers).length <= headersMax, `at most ${headersMax} headers`)
      .default({}),
    intervalMs: z.int().min(intervalMsMin).max(intervalMsMax).default(10_000),
    timeoutMs: z.int().min(intervalMsMin).max(60_000).default(10_000),
    format: z.enum(['json', 'csv']).default('json'),
    rows: pointer.default(''),
    delimiter: z.string().length(1).default(','),
    deviceFrom: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('fixed'), pattern: deviceUid }),
      z.strictObject({ kind: z.literal('payload'), pattern: pointer.min(1) }),
      z.strictObject({ kind: z.literal('column'), pattern: place }),
    ]),
    timeFrom: place.nullable().default(null),
    timeFormat: z.enum(['iso', 's', 'ms']).default('iso'),
    cursor: place.nullable().default(null),
  })
  .transform(({ intervalMs, timeoutMs, format, rows, delimiter, timeFrom, timeFormat, cursor, ...rest }) => ({
    ...withoutMqtt,
    ...rest,
    modbus: null,
    http: { intervalMs, timeoutMs, format, rows, delimiter, timeFrom, timeFormat, cursor },
  }));

/** Back to the form of a file. */
export function httpPollingFileForm(published: ConnectionConfig): Readonly<Record<string, unknown>> {
  return {
    ...commonOf(published),
    ...credentialsOf(published),
    deviceFrom: { ...published.deviceFrom },
    ...published.http,
  };
}
