/** All connectors by kind, and the one way to open a connection of any of them. */
import { MillraceError } from '@millrace/contracts';
import type { Connection, Connector, ConnectorHandle, ConnectorPorts } from './connector.ts';
import { httpPollingConnector } from './http-polling.connector.ts';
import { formatJsonPointer } from './json-pointer.ts';
import { modbusTcpConnector } from './modbus-tcp.connector.ts';
import { mqttConnector } from './mqtt.connector.ts';

/** One line per file `<kind>.connector.ts`; a test compares them. */
const connectors: Readonly<Record<string, (connection: Connection) => CheckedConnection>> = {
  'http-polling': checkedBy(httpPollingConnector),
  'modbus-tcp': checkedBy(modbusTcpConnector),
  mqtt: checkedBy(mqttConnector),
};

export const connectorKinds: readonly string[] = Object.keys(connectors);

/** A connection that its connector understands. */
export interface CheckedConnection {
  /** See `Connector.isShared`. */
  readonly isShared: boolean;
  /** See `Connector.open`. */
  open(ports: ConnectorPorts, signal: AbortSignal): ConnectorHandle;
}

/** Checks a connection as its connector wants it. Throws `configuration_invalid`, naming every wrong field. */
export function checkConnection(connection: Connection): CheckedConnection {
  const check = Object.hasOwn(connectors, connection.kind) ? connectors[connection.kind] : undefined;
  if (check !== undefined) return check(connection);
  const detail = `Give one of the kinds ${connectorKinds.join(', ')}: there is no connector "${connection.kind}".`;
  throw new MillraceError('configuration_invalid', detail, { errors: [{ field: '/kind', code: 'unknown', detail }] });
}

function checkedBy<Settings>(connector: Connector<Settings>): (connection: Connection) => CheckedConnection {
  return (connection) => {
    const { success, data: settings, error } = connector.settings.safeParse(connection);
    if (success)
      return {
        isShared: connector.isShared(settings),
        open: (ports, signal) => connector.open(settings, ports, signal),
      };
    const errors = error.issues.map(({ path, code, message }) => ({
      field: formatJsonPointer(path.map(String)),
      code,
      detail: message,
    }));
    const fields = errors.map(({ field, detail }) => `${field}: ${detail}`).join(' ');
    const detail = `Correct the connection "${connection.tenant}/${connection.connectionId}". ${fields}`;
    throw new MillraceError('configuration_invalid', detail, { errors });
  };
}
