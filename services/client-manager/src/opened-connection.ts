/** A connection as its connector takes it. */
import type { KeyedSecrets } from '@millrace/auth';
import { connectionPasswordPurpose } from '@millrace/config';
import type { Connection } from '@millrace/connectors';
import type { ConnectionConfig } from '@millrace/contracts';

/** Plain objects: decoded records have methods that a strict check takes for unknown fields. Throws for a secret that does not open. */
export function openedConnection(config: ConnectionConfig, secrets: Pick<KeyedSecrets, 'open'>): Connection {
  const { passwordSealed, enabled: _, origin: __, subscriptions, deviceFrom, modbus, ...rest } = config;
  return {
    ...rest,
    subscriptions: subscriptions.map(({ topicFilter, qos }) => ({ topicFilter, qos })),
    deviceFrom: { kind: deviceFrom.kind, pattern: deviceFrom.pattern },
    modbus: modbus && { ...modbus, registers: modbus.registers.map((register) => ({ ...register })) },
    password: passwordSealed && secrets.open(passwordSealed, connectionPasswordPurpose(config)),
    tls: null,
  };
}
