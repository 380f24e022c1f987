/** Connections to machines over Modbus TCP in files. */
import type { ConnectionConfig } from '@millrace/contracts';
import { z } from 'zod';
import { deviceUid, label, signalName } from '../entity-fields.ts';
import { common, commonOf, intervalMsMax, withoutCredentials, withoutMqtt } from './connection-fields.ts';

/** A register is read for something: nobody looks at more values of one machine. */
const registersMax = 1_000;
/** Faster polls than 20 a second are for a controller, not for a platform. */
const intervalMsMin = 50;
/** One request holds at most 125 registers (Modbus Application Protocol 1.1b3, 6.3). */
const registersPerRequestMax = 125;

const registerFile = z.strictObject({
  name: signalName,
  unit: label.default(''),
  table: z.enum(['coil', 'discrete', 'input', 'holding']).default('holding'),
  address: z.int().min(0).max(65_535),
  type: z.enum(['bool', 'int16', 'uint16', 'int32', 'uint32', 'float32', 'float64', 'string']).optional(),
  byteOrder: z.enum(['ABCD', 'CDAB', 'BADC', 'DCBA']).default('ABCD'),
  bit: z.int().min(0).max(15).default(0),
  length: z.int().min(1).max(registersPerRequestMax).default(1),
  scale: z.number().default(1),
  offset: z.number().default(0),
});

export const modbusTcpFile = z
  .strictObject({
    ...common,
    kind: z.literal('modbus-tcp'),
    deviceUid,
    unitId: z.int().min(0).max(255).default(1),
    intervalMs: z.int().min(intervalMsMin).max(intervalMsMax).default(1000),
    timeoutMs: z.int().min(10).max(60_000).default(2000),
    gapMax: z.int().min(0).max(registersPerRequestMax).default(8),
    registers: z.array(registerFile).min(1).max(registersMax),
  })
  .transform(({ deviceUid: uid, unitId, intervalMs, timeoutMs, gapMax, registers, ...rest }) => ({
    ...rest,
    ...withoutCredentials,
    ...withoutMqtt,
    deviceFrom: { kind: 'fixed', pattern: uid },
    http: null,
    headers: null,
    modbus: {
      unitId,
      intervalMs,
      timeoutMs,
      gapMax,
      registers: registers.map((one) => ({ ...one, type: one.type ?? usualType(one.table) })),
    },
  }));

/** What a table is made of. */
function usualType(table: z.output<typeof registerFile>['table']): string {
  return table === 'coil' || table === 'discrete' ? 'bool' : 'uint16';
}

/** Back to the form of a file. */
export function modbusTcpFileForm(published: ConnectionConfig): Readonly<Record<string, unknown>> {
  const { modbus, deviceFrom } = published;
  const registers = modbus?.registers.map((one) => ({ ...one }));
  return { ...commonOf(published), deviceUid: deviceFrom.pattern, ...modbus, registers };
}
