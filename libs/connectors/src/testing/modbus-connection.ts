/** Connections to a test's machine. */
import type { ModbusRegister } from '@millrace/contracts';
import type { Connection } from '../connector.ts';
import { mqttDefaults, noCredentials } from './mqtt-connection.ts';

export const register = (name: string, address: number, rest: Partial<ModbusRegister> = {}): ModbusRegister => ({
  name,
  address,
  unit: '',
  table: 'holding',
  type: 'uint16',
  byteOrder: 'ABCD',
  bit: 0,
  length: 1,
  scale: 1,
  offset: 0,
  ...rest,
});

export interface MachineConnection {
  readonly url: string;
  readonly registers: readonly ModbusRegister[];
  readonly deviceUid?: string;
  readonly timeoutMs?: number;
  readonly gapMax?: number;
  readonly intervalMs?: number;
}

/** Times are long, because the tests' clock is hasty. */
export function machineConnection({ url, registers, ...rest }: MachineConnection): Connection {
  const { deviceUid = 'd1', timeoutMs = 20_000, gapMax = 8, intervalMs = 400 } = rest;
  return {
    tenant: 'acme',
    connectionId: 'press',
    kind: 'modbus-tcp',
    url,
    ...mqttDefaults,
    ...noCredentials,
    subscriptions: [],
    deviceFrom: { kind: 'fixed', pattern: deviceUid },
    http: null,
    headers: null,
    modbus: { unitId: 1, intervalMs, timeoutMs, gapMax, registers },
  };
}
