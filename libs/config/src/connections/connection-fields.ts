/** Fields of connections: those that each has in a file, and what is published in place of those that its kind does not have. */
import type { ConnectionConfig } from '@millrace/contracts';
import { z } from 'zod';
import { identifier, label, passwordCharsMax, tenant } from '../entity-fields.ts';

/** A chain of four certificates with RSA keys of 8192 bits, or as many authorities. */
const pemCharsMax = 65_536;
/** A JSON Web Token with all its claims; MQTT would allow four times as much. */
const tokenCharsMax = 16_384;

/** Slower polls than one a day are forgotten. */
export const intervalMsMax = 86_400_000;

export const common = {
  tenant,
  connectionId: identifier,
  url: z.url(),
  enabled: z.boolean().default(true),
};

const pem = z.string().max(pemCharsMax).startsWith('-----BEGIN ', 'must be a PEM text').nullable().default(null);

/** How we say who we are, and know who the other side is. Secrets are plain text; they leave the folder only encrypted. */
export const credentials = {
  username: label.nullable().default(null),
  password: z.string().max(passwordCharsMax).nullable().default(null),
  token: z.string().min(1).max(tokenCharsMax).nullable().default(null),
  tls: z.strictObject({ ca: pem, cert: pem, key: pem }).nullable().default(null),
};

export const withoutCredentials = { username: null, password: null, token: null, tls: null };

/** What is published of a kind that has none of it: the defaults of the schema. */
export const withoutMqtt = {
  clientId: '',
  protocolVersion: 5,
  keepaliveSeconds: 30,
  subscriptions: [],
  cleanStart: false,
  sessionExpirySeconds: 86_400,
  receiveMaximum: 2_000,
  will: null,
};

/** Back from what is published to the common fields of a file. */
export function commonOf({ tenant: owner, connectionId, kind, url, enabled }: ConnectionConfig): object {
  return { tenant: owner, connectionId, kind, url, enabled };
}

/** The same with the credentials, of which secrets cannot be told. */
export function credentialsOf({ username, tls }: ConnectionConfig): object {
  return { username, tls: tls && { ca: tls.ca, cert: tls.cert } };
}
