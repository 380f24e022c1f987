/** The settings of HTTP polling: what the configuration may say, checked once. */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'zod';
import { formatJsonPointer, parseJsonPointer } from '../json-pointer.ts';
import { mqttFree } from '../mqtt-free.ts';
import { tlsSettings } from '../tls-settings.ts';

/** What the connector writes itself, and what only the transport may. */
const ownHeaders: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'if-modified-since',
  'if-none-match',
  'range',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** The value at a place of a row: by a JSON Pointer, or of a column. */
export type Place = (row: unknown) => unknown;

const url = z.string().transform((text, context): URL => {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  const problem = urlProblem(parsed);
  if (problem === undefined && parsed !== undefined) return parsed;
  context.addIssue({ code: 'custom', message: problem ?? '' });
  return z.NEVER;
});

const headers = z.record(z.string(), z.string()).superRefine((all, context) => {
  for (const [name, value] of Object.entries(all)) {
    const message = headerProblem(name, value);
    if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
  }
});

const polling = z.strictObject({
  intervalMs: z.int().min(100),
  timeoutMs: z.int().min(100),
  format: z.enum(['json', 'csv']),
  rows: z.string(),
  delimiter: z.string().regex(/^[^\r\n"]$/, 'Give one character that is neither a quote nor a line end.'),
  timeFrom: z.string().min(1).nullable(),
  timeFormat: z.enum(['iso', 's', 'ms']),
  cursor: z.string().min(1).nullable(),
});

const connection = z.strictObject({
  tenant: z.string(),
  connectionId: z.string(),
  kind: z.literal('http-polling'),
  url,
  username: z.string().nullable(),
  password: z.string().nullable(),
  token: z.string().min(1).nullable(),
  tls: tlsSettings,
  deviceFrom: z.strictObject({ kind: z.enum(['fixed', 'payload', 'column']), pattern: z.string().min(1) }),
  http: polling,
  headers: headers.nullable(),
  modbus: z.null(),
  ...mqttFree,
});

type Checked = z.output<typeof connection>;

export const httpPollingSettings = connection.superRefine(refuseCombinations).transform((it) => {
  const { tenant, connectionId, url: address, tls, deviceFrom, http } = it;
  const placeOf = (text: string): Place => placeIn(http.format, text) ?? (() => undefined);
  return {
    tenant,
    connectionId,
    url: address,
    tls,
    intervalMs: http.intervalMs,
    timeoutMs: http.timeoutMs,
    headers: { ...it.headers, ...authorization(it) },
    form:
      http.format === 'csv'
        ? ({ format: 'csv', delimiter: http.delimiter } as const)
        : ({ format: 'json', rows: placeOf(http.rows), pointer: http.rows } as const),
    device:
      deviceFrom.kind === 'fixed'
        ? ({ names: 'deviceUid', uid: deviceFrom.pattern } as const)
        : ({ names: 'identificationCode', place: placeOf(deviceFrom.pattern) } as const),
    time: http.timeFrom === null ? null : { place: placeOf(http.timeFrom), format: http.timeFormat },
    cursor: http.cursor === null ? null : { place: placeOf(http.cursor), name: http.cursor },
  };
});

export type HttpPollingSettings = z.output<typeof httpPollingSettings>;

function refuseCombinations(
  { url: address, username, password, token, tls, deviceFrom, http, headers: given }: Checked,
  context: z.RefinementCtx,
) {
  const refuse = (path: readonly string[], message: string) =>
    context.addIssue({ code: 'custom', path: [...path], message });
  if (password !== null && token !== null) refuse(['token'], 'Give a password or a token, not both.');
  if (password !== null && username === null) refuse(['username'], 'Give the username of the password.');
  const isGiven = Object.keys(given ?? {}).some((name) => name.toLowerCase() === 'authorization');
  if (isGiven && (password ?? token) !== null)
    refuse(['headers'], 'Give credentials as fields or as the header authorization, not both.');
  if (tls !== null && address.protocol !== 'https:')
    refuse(['tls'], 'Begin the url with https://: without TLS nobody asks for certificates.');
  const places = { rows: http.format === 'json' ? http.rows : null, timeFrom: http.timeFrom, cursor: http.cursor };
  for (const [name, text] of Object.entries(places))
    if (text !== null && placeIn(http.format, text) === undefined)
      refuse(['http', name], 'Write a JSON Pointer such as /measured/at.');
  if (deviceFrom.kind !== 'fixed' && deviceFrom.kind !== (http.format === 'csv' ? 'column' : 'payload'))
    refuse(['deviceFrom', 'kind'], 'Rows of CSV have a column, those of JSON a payload.');
  if (deviceFrom.kind === 'payload' && placeIn('json', deviceFrom.pattern) === undefined)
    refuse(['deviceFrom', 'pattern'], 'Write a JSON Pointer such as /device/serial.');
  if (http.cursor !== null && http.timeFrom === null)
    refuse(['http', 'timeFrom'], 'Say where a row has its time: by it a row that comes again is recognised.');
}

function placeIn(format: 'json' | 'csv', text: string): Place | undefined {
  const pointer = parseJsonPointer(format === 'csv' ? formatJsonPointer([text]) : text);
  return pointer && ((row) => pointer.resolve(row));
}

function authorization({ username, password, token }: Checked): { readonly authorization?: string } {
  if (token !== null) return { authorization: `Bearer ${token}` };
  if (username === null) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` };
}

function headerProblem(name: string, value: string): string | undefined {
  if (ownHeaders.has(name.toLowerCase())) return 'Leave it out: the connector writes this header itself.';
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return undefined;
  } catch {
    return 'Give a header that HTTP allows.';
  }
}

function urlProblem(parsed: URL | undefined): string | undefined {
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol))
    return 'Write http://host/path or https://host/path.';
  if (parsed.username !== '' || parsed.password !== '')
    return 'Give username and password as fields of their own, not in the URL.';
  return undefined;
}
