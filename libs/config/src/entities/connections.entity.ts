/** Connections that the client manager opens. Each is written with the fields of its kind; what the others have stays at its default. */
import { type ConnectionConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { modbusTcpFile, modbusTcpFileForm } from '../connections/modbus-tcp-file.ts';
import { mqttFile, mqttFileForm } from '../connections/mqtt-file.ts';
import { defineEntity } from '../entity.ts';

const fileForms: Readonly<Record<string, (published: ConnectionConfig) => Readonly<Record<string, unknown>>>> = {
  mqtt: mqttFileForm,
  'modbus-tcp': modbusTcpFileForm,
};

export const connections = defineEntity<ConnectionConfig>()({
  topic: topics.configConnections,
  id: 'connectionId',
  singular: 'connection',
  file: z.discriminatedUnion('kind', [mqttFile, modbusTcpFile]),
  publish: ({ password, token, tls, ...connection }, published, secrets) => {
    const sealed = (name: ConnectionSecret, secret: string | null, before: Buffer | null | undefined) =>
      secret === null ? null : secrets.seal(secret, connectionSecretPurpose(connection, name), before ?? null);
    return {
      ...connection,
      origin: 'folder',
      passwordSealed: sealed('password', password, published?.passwordSealed),
      tokenSealed: sealed('token', token, published?.tokenSealed),
      tls: tls && { ca: tls.ca, cert: tls.cert, keySealed: sealed('key', tls.key, published?.tls?.keySealed) },
    };
  },
  isFromApi: ({ origin }) => origin === 'api',
  fileForm: (published) => fileForms[published.kind]?.(published) ?? {},
  hidden: ['password', 'token'],
  shown: {
    form: {
      origin: z.enum(['folder', 'api']).describe('Who wrote it and may change it.'),
      hasPassword: z.boolean(),
      hasToken: z.boolean(),
      hasKey: z.boolean(),
    },
    of: ({ origin, passwordSealed, tokenSealed, tls }) => ({
      origin,
      hasPassword: passwordSealed !== null,
      hasToken: tokenSealed !== null,
      hasKey: tls !== null && tls.keySealed !== null,
    }),
  },
  references: {
    devices: ({ deviceFrom }) => (deviceFrom.kind === 'fixed' ? [['deviceUid', deviceFrom.pattern]] : []),
  },
});

/** `key`: of the client certificate. */
export type ConnectionSecret = 'password' | 'token' | 'key';

/** What a secret of a connection is sealed for, and has to be opened for. */
export function connectionSecretPurpose(
  { tenant, connectionId }: Pick<ConnectionConfig, 'tenant' | 'connectionId'>,
  secret: ConnectionSecret,
): string {
  return `connection ${tenant}/${connectionId} ${secret}`;
}
