/** The settings of a Modbus TCP connection: what the configuration may say, checked once. */
import { z } from 'zod';
import { mqttFree } from '../mqtt-free.ts';
import { addressesMax, registerTypes, tables, widthOf } from './register-map.ts';

const register = z
  .strictObject({
    name: z.string().min(1),
    unit: z.string(),
    table: z.enum(tables),
    address: z
      .int()
      .min(0)
      .max(addressesMax - 1),
    type: z.enum(registerTypes),
    byteOrder: z.enum(['ABCD', 'CDAB', 'BADC', 'DCBA']),
    bit: z.int().min(0).max(15),
    length: z.int().min(1).max(125),
    scale: z.number(),
    offset: z.number(),
  })
  .refine(({ table, type }) => type === 'bool' || table === 'input' || table === 'holding', {
    path: ['type'],
    message: 'A coil or discrete input is bool.',
  })
  .refine(({ type, scale, offset }) => (type !== 'bool' && type !== 'string') || (scale === 1 && offset === 0), {
    path: ['scale'],
    message: 'Only numbers have a scale and an offset.',
  })
  .refine((one) => one.address + widthOf(one) <= addressesMax, {
    path: ['address'],
    message: 'The value would end behind the last address.',
  });

const polling = z.strictObject({
  unitId: z.int().min(0).max(255),
  intervalMs: z.int().min(50),
  timeoutMs: z.int().min(10),
  gapMax: z.int().min(0),
  registers: z
    .array(register)
    .min(1)
    .superRefine((registers, context) => {
      const names = new Set<string>();
      for (const [index, { name }] of registers.entries()) {
        if (names.has(name))
          context.addIssue({ code: 'custom', path: [index, 'name'], message: 'Another register has this name.' });
        names.add(name);
      }
    })
    .readonly(),
});

const url = z.string().transform((text, context): URL => {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed?.protocol === 'modbus-tcp:' && parsed.hostname !== '' && parsed.username === '') return parsed;
  context.addIssue({ code: 'custom', message: 'Write modbus-tcp://host:port.' });
  return z.NEVER;
});

export const modbusSettings = z
  .strictObject({
    tenant: z.string(),
    connectionId: z.string(),
    kind: z.literal('modbus-tcp'),
    url,
    deviceFrom: z.strictObject({ kind: z.literal('fixed'), pattern: z.string().min(1) }),
    modbus: polling,
    ...mqttFree,
    username: z.null(),
    password: z.null(),
    token: z.null(),
    tls: z.null(),
    http: z.null(),
    headers: z.null(),
  })
  .transform(({ tenant, url: address, deviceFrom, modbus }) => ({
    tenant,
    url: address,
    deviceUid: deviceFrom.pattern,
    ...modbus,
  }));

export type ModbusSettings = z.output<typeof modbusSettings>;
