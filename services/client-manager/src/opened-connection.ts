/** A connection as its connector takes it: the published form with its secrets opened. */
import type { KeyedSecrets } from '@millrace/auth';
import { type ConnectionSecret, connectionSecretPurpose } from '@millrace/config';
import type { ConnectionConfig } from '@millrace/contracts';
import type { Connection } from '@millrace/connectors';

/**
 * As plain objects: decoded records have methods that a strict check takes for unknown fields. Throws `configuration_invalid` for
 * a secret that does not open.
 */
export function openedConnection(config: ConnectionConfig, secrets: Pick<KeyedSecrets, 'open'>): Connection {
  const {
    enabled: _,
    origin: __,
    passwordSealed,
    tokenSealed,
    tls,
    subscriptions,
    deviceFrom,
    modbus,
    will,
    http,
    headersSealed,
    ...rest
  } = config;
  const opened = (name: ConnectionSecret, sealed: Buffer | null): string | null =>
    sealed && secrets.open(sealed, connectionSecretPurpose(config, name));
  const headers = opened('headers', headersSealed);
  return {
    ...rest,
    subscriptions: subscriptions.map((one) => ({ ...one })),
    deviceFrom: { ...deviceFrom },
    modbus: modbus && { ...modbus, registers: modbus.registers.map((register) => ({ ...register })) },
    will: will && { ...will },
    http: http && { ...http },
    headers: headers === null ? null : (JSON.parse(headers) as Record<string, string>),
    password: opened('password', passwordSealed),
    token: opened('token', tokenSealed),
    tls: tls && { ca: tls.ca, cert: tls.cert, key: opened('key', tls.keySealed) },
  };
}
