/** Changes of a schema, and what becomes of them for a topic that promises both directions. */
import { type AvroSchema } from '../avro-schema.ts';

export interface SchemaChange {
  readonly what: string;
  readonly from: AvroSchema;
  readonly to: AvroSchema;
}

const plain = { name: 'value', type: 'double' };
const counter = { name: 'count', type: 'int', default: 0 };
const state = (...symbols: string[]) => ({ name: 'state', type: { type: 'enum', name: 'State', symbols } });
const id = (size: number) => ({ name: 'id', type: { type: 'fixed', name: 'Id', size } });
const time = (logicalType: string) => ({ name: 'time', type: { type: 'long', logicalType } });
const rows = (...fields: Fields) => ({ name: 'rows', type: { type: 'array', items: record('Row', ...fields) } });

type Fields = readonly { readonly name: string; readonly type: AvroSchema; readonly default?: unknown }[];

function record(name: string, ...fields: Fields): AvroSchema {
  return { type: 'record', name, fields };
}

const change = (what: string, from: Fields, to: Fields): SchemaChange => ({
  what,
  from: record('Reading', ...from),
  to: record('Reading', ...to),
});

export const compatibleChanges: readonly SchemaChange[] = [
  change('no change', [plain, counter], [plain, counter]),
  change('a new field with a default', [plain], [plain, counter]),
  change('a field with a default is removed', [plain, counter], [plain]),
  change('another default', [plain, counter], [plain, { ...counter, default: 1 }]),
  change('fields in another order', [plain, counter], [counter, plain]),
  change('a new field with a default in the rows of an array', [rows(plain)], [rows(plain, counter)]),
];

export const incompatibleChanges: readonly SchemaChange[] = [
  change('a new field without a default', [plain], [plain, { name: 'count', type: 'int' }]),
  change('a field without a default is removed', [plain, { name: 'count', type: 'int' }], [plain]),
  change('a field is renamed', [plain], [{ ...plain, name: 'reading' }]),
  change('a type is changed', [plain], [{ ...plain, type: 'string' }]),
  change('a type is widened, which old readers cannot follow', [counter], [{ ...counter, type: 'long' }]),
  change(
    'a field becomes nullable, which old readers cannot follow',
    [plain],
    [{ ...plain, type: ['null', 'double'] }],
  ),
  change('a nullable field becomes required', [{ ...plain, type: ['null', 'double'] }], [plain]),
  change(
    'a new branch of a union',
    [{ ...plain, type: ['null', 'int'] }],
    [{ ...plain, type: ['null', 'int', 'string'] }],
  ),
  change('an enum symbol is renamed', [state('on', 'off')], [state('on', 'idle')]),
  change('a new enum symbol, which old readers do not know', [state('on')], [state('on', 'off')]),
  change('a removed enum symbol, which old records have', [state('on', 'off')], [state('on')]),
  change('a fixed has another size', [id(16)], [id(20)]),
  change('a field of the rows of an array is removed', [rows(plain, id(16))], [rows(plain)]),
  {
    what: 'the record is renamed',
    from: record('Reading', plain),
    to: record('Measurement', plain),
  },
];

/** Avro, and so the registry, knows the number and not what it counts. */
export const changesOfMeaning: readonly SchemaChange[] = [
  change('microseconds become milliseconds', [time('timestamp-micros')], [time('timestamp-millis')]),
  change('a time becomes a number', [time('timestamp-micros')], [{ name: 'time', type: 'long' }]),
];
