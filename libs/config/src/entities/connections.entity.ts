/** Connections that the client manager opens. Each is written with the fields of its kind; what the others have stays at its default. */
import { type ConnectionConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { httpPollingFile, httpPollingFileForm } from '../connections/http-polling-file.ts';
import { modbusTcpFile, modbusTcpFileForm } from '../connections/modbus-tcp-file.ts';
import { mqttFile, mqttFileForm } from '../connections/mqtt-file.ts';
import { defineEntity } from '../entity.ts';

const fileForms: Readonly<Record<string, (published: ConnectionConfig) => Readonly<Record<string, unknown>>>> = {
  mqtt: mqttFileForm,
  'modbus-tcp': modbusTcpFileForm,
  'http-polling': httpPollingFileForm,
};

export const connections = defineEntity<ConnectionConfig>()({
  topic: topics.configConnections,
  id: 'connectionId',
  singular: 'connection',
  file: z.discriminatedUnion('kind', [mqttFile, modbusTcpFile, httpPollingFile]),
  publish: ({ password, token, tls, headers, ...connection }, published, secrets) => {
    const sealed = (name: ConnectionSecret, secret: string | null, before: Buffer | null | undefined) =>
      secret === null ? null : secrets.seal(secret, connectionSecretPurpose(connection, name), before ?? null);
    return {
      ...connection,
      origin: 'folder',
      passwordSealed: sealed('password', password, published?.passwordSealed),
      tokenSealed: sealed('token', token, published?.tokenSealed),
      tls: tls && { ca: tls.ca, cert: tls.cert, keySealed: sealed('key', tls.key, published?.tls?.keySealed) },
      // Any header may be a secret, so all are.
      headersSealed: sealed('headers', headersText(headers), published?.headersSealed),
    };
  },
  isFromApi: ({ origin }) => origin === 'api',
  fileForm: (published) => fileForms[published.kind]?.(published) ?? {},
  hidden: ['password', 'token', 'headers'],
  shown: {
    form: {
      origin: z.enum(['folder', 'api']).describe('Who wrote it and may change it.'),
      hasPassword: z.boolean(),
      hasToken: z.boolean(),
      hasKey: z.boolean(),
      hasHeaders: z.boolean(),
    },
    of: ({ origin, passwordSealed, tokenSealed, tls, headersSealed }) => ({
      origin,
      hasPassword: passwordSealed !== null,
      hasToken: tokenSealed !== null,
      hasKey: tls !== null && tls.keySealed !== null,
      hasHeaders: headersSealed !== null,
    }),
  },
  references: {
    devices: ({ kind, deviceFrom }) =>
      deviceFrom.kind === 'fixed'
        ? [[kind === 'modbus-tcp' ? 'deviceUid' : 'deviceFrom.pattern', deviceFrom.pattern]]
        : [],
  },
});

function headersText(headers: Readonly<Record<string, string>> | null): string | null {
  return headers === null || Object.keys(headers).length === 0 ? null : JSON.stringify(headers);
}

/** `key`: of the client certificate. `headers`: all of them, as JSON. */
export type ConnectionSecret = 'password' | 'token' | 'key' | 'headers';

/** What a secret of a connection is sealed for, and has to be opened for. */
export function connectionSecretPurpose(
  { tenant, connectionId }: Pick<ConnectionConfig, 'tenant' | 'connectionId'>,
  secret: ConnectionSecret,
): string {
  return `connection ${tenant}/${connectionId} ${secret}`;
}
