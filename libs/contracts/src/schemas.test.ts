import avro from 'avsc';
import { expect, test } from 'vitest';
import type { AlarmEvent, DataRowList } from './index.ts';
import { schemaOf, topics } from './index.ts';

const points = avro.Type.forSchema(schemaOf(topics.points.name));

const dataRowList: DataRowList = {
  messageId: Buffer.alloc(16, 7),
  part: 0,
  tenant: 'demo',
  deviceUid: 'd1',
  identificationCode: null,
  timeMicros: 1_700_000_000_000_000,
  timeFromSender: true,
  receivedAtMicros: 1,
  sequence: 2 ** 42 - 1,
  rows: [
    { name: 't', value: 1.5, quality: 0, timeOffsetMicros: 0, ordinal: 0 },
    { name: 's', value: 'x', quality: 0, timeOffsetMicros: -5, ordinal: 1 },
    { name: 'b', value: true, quality: 2, timeOffsetMicros: 0, ordinal: 0 },
    { name: 'n', value: null, quality: 1, timeOffsetMicros: 0, ordinal: 0 },
  ],
  rawPayload: null,
  rawPartition: -1,
  rawOffset: -1,
  rawIndex: 0,
  scriptVersion: '',
  warnings: [],
};

test('the generated type of points is what avsc encodes and decodes, unions without wrapping', () => {
  expect(structuredClone(points.fromBuffer(points.toBuffer(dataRowList)))).toEqual(structuredClone(dataRowList));
});

test('fields with a default may be left out when encoding', () => {
  const { part: _part, warnings: _warnings, ...rest } = dataRowList;
  expect(points.fromBuffer(points.toBuffer(rest))).toMatchObject({ part: 0, warnings: [] });
});

test('a transition is one of raised, changed and cleared', () => {
  const events = avro.Type.forSchema(schemaOf(topics.alarmEvents.name));
  const field = (events as avro.types.RecordType).field('transition') as unknown as { type: avro.types.EnumType };
  expect(field.type.symbols satisfies string[]).toEqual([
    'raised',
    'changed',
    'cleared',
  ] satisfies AlarmEvent['transition'][]);
});

test('every committed schema is valid Avro', () => {
  for (const { name, schema } of Object.values(topics)) if (schema) avro.Type.forSchema(schemaOf(name));
});

test('a parked batch holds a raw batch as its topic has it', () => {
  const { fields } = schemaOf(topics.parked.name) as { fields: readonly { name: string; type: unknown }[] };
  expect(fields.find(({ name }) => name === 'raw')?.type).toEqual(schemaOf(topics.raw.name));
});
