/** Connections that the client manager opens. Each is written with the fields of its kind; what the others have stays at its default. */
import { type ConnectionConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { defineEntity } from '../entity.ts';
import { plain } from '../entity-version.ts';
import { deviceUid, identifier, label, labelCharsMax, passwordCharsMax, signalName, tenant } from '../entity-fields.ts';

/** MQTT allows 65,535 bytes. */
const topicFilterCharsMax = 1024;
/** A register is read for something: nobody looks at more values of one machine. */
const registersMax = 1_000;
/** Faster polls than 20 a second are for a controller, not for a platform; slower ones than a day are forgotten. */
const intervalMsMin = 50;
const intervalMsMax = 86_400_000;
/** One request holds at most 125 registers (Modbus Application Protocol 1.1b3, 6.3). */
const registersPerRequestMax = 125;

const common = {
  tenant,
  connectionId: identifier,
  url: z.url(),
  enabled: z.boolean().default(true),
};

const mqttFile = z
  .strictObject({
    ...common,
    kind: z.literal('mqtt'),
    clientId: z.string().min(1).max(labelCharsMax),
    protocolVersion: z.union([z.literal(4), z.literal(5)]).default(5),
    keepaliveSeconds: z.int().min(1).max(65_535).default(30),
    username: z.string().max(labelCharsMax).nullable().default(null),
    /** In plain text; leaves the folder only encrypted. */
    password: z.string().max(passwordCharsMax).nullable().default(null),
    subscriptions: z
      .array(
        z.strictObject({
          topicFilter: z.string().min(1).max(topicFilterCharsMax),
          qos: z.int().min(0).max(2).default(1),
        }),
      )
      .min(1),
    deviceFrom: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('topic'),
        pattern: z.string().regex(/\{(deviceUid|identificationCode)\}/, 'needs {deviceUid} or {identificationCode}'),
      }),
      z.strictObject({ kind: z.literal('payload'), pattern: z.string().regex(/^\//, 'must be a JSON Pointer') }),
    ]),
  })
  .transform((it) => ({ ...it, modbus: null }));

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

const modbusTcpFile = z
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
    clientId: '',
    protocolVersion: 5,
    keepaliveSeconds: 30,
    username: null,
    password: null,
    subscriptions: [],
    deviceFrom: { kind: 'fixed', pattern: uid },
    modbus: {
      unitId,
      intervalMs,
      timeoutMs,
      gapMax,
      registers: registers.map((one) => ({ ...one, type: one.type ?? usualType(one.table) })),
    },
  }));

const file = z.discriminatedUnion('kind', [mqttFile, modbusTcpFile]);

/** What a table is made of. */
function usualType(table: z.output<typeof registerFile>['table']): string {
  return table === 'coil' || table === 'discrete' ? 'bool' : 'uint16';
}

export const connections = defineEntity<ConnectionConfig>()({
  topic: topics.configConnections,
  id: 'connectionId',
  singular: 'connection',
  file,
  publish: ({ password, ...connection }, published, secrets) => ({
    ...connection,
    origin: 'folder',
    passwordSealed:
      password === null
        ? null
        : secrets.seal(password, connectionPasswordPurpose(connection), published?.passwordSealed ?? null),
  }),
  isFromApi: ({ origin }) => origin === 'api',
  fileForm: formOf,
  shown: {
    form: { origin: z.enum(['folder', 'api']).describe('Who wrote it and may change it.'), hasPassword: z.boolean() },
    of: ({ origin, passwordSealed }) => ({ origin, hasPassword: passwordSealed !== null }),
  },
  references: {
    devices: ({ deviceFrom }) => (deviceFrom.kind === 'fixed' ? [['deviceUid', deviceFrom.pattern]] : []),
  },
});

/** Its members as a program writes them: those of its kind, without the password. */
function formOf(published: ConnectionConfig): Readonly<Record<string, unknown>> {
  const kind = file.options.find(({ in: form }) => form.shape.kind.value === published.kind);
  const members: Readonly<Record<string, unknown>> = {
    ...published.modbus,
    ...published,
    deviceUid: published.deviceFrom.pattern,
  };
  const names = Object.keys(kind?.in.shape ?? {}).filter((name) => name !== 'password');
  return plain(Object.fromEntries(names.map((name) => [name, members[name]]))) as Readonly<Record<string, unknown>>;
}

/** What a connection's password is sealed for, and has to be opened for. */
export function connectionPasswordPurpose(connection: Pick<ConnectionConfig, 'tenant' | 'connectionId'>): string {
  return `connection ${connection.tenant}/${connection.connectionId} password`;
}
