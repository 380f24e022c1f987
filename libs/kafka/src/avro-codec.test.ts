import { MillraceError } from '@millrace/contracts';
import avsc, { type Schema } from 'avsc';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AvroCodec } from './avro-codec.ts';

interface Reading {
  readonly name: string;
  readonly values: readonly number[];
  readonly note: string | null;
}

const schema: Schema = {
  type: 'record',
  name: 'Reading',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'values', type: { type: 'array', items: 'double' } },
    { name: 'note', type: ['null', 'string'], default: null },
  ],
};
const older: Schema = { type: 'record', name: 'Reading', fields: schema.fields.slice(0, 2) };
const writers = {
  writerOf: (id: number) => {
    if (id === 6) return avsc.Type.forSchema(older);
    if (id === 5) return avsc.Type.forSchema('int');
    throw new MillraceError('unknown_schema', `There is no schema ${id}.`);
  },
};
const codec = new AvroCodec<Reading>(schema, 7, writers);

const readings = fc.record({
  name: fc.string(),
  values: fc.array(fc.double({ noNaN: true })),
  note: fc.option(fc.string({ unit: 'grapheme' })),
});

test('what is encoded comes back, and its bytes stay as they were', () => {
  fc.assert(
    fc.property(fc.array(readings, { minLength: 1, maxLength: 50 }), (values) => {
      const encoded = values.map((value) => codec.encode(value));
      const plain = avsc.Type.forSchema(schema);
      encoded.forEach((bytes, index) => {
        expect([...bytes.subarray(0, 5)]).toEqual([0, 0, 0, 0, 7]);
        expect(bytes.subarray(5).equals(plain.toBuffer(values[index]))).toBe(true);
        expect(codec.decode(bytes)).toEqual(values[index]);
      });
    }),
  );
});

test.each([1_000, 300_000, 5_000_000])('values of %i bytes do not disturb each other', (size) => {
  const values = Array.from({ length: 12 }, (_, index) => ({
    name: String(index).repeat(size),
    values: [],
    note: null,
  }));
  const encoded = values.map((value) => codec.encode(value));
  expect(encoded.map((bytes) => codec.decode(bytes).name.length)).toEqual(values.map(({ name }) => name.length));
});

test("an older writer's record is read with the defaults of our schema", () => {
  const old = new AvroCodec(older, 6, writers).encode({ name: 'level', values: [1] });
  expect(codec.decode(old)).toEqual({ name: 'level', values: [1], note: null });
});

test('bytes that are no record of ours are undecodable, and nothing else', () => {
  const undecodable = expect.objectContaining({ code: 'undecodable_record', retry: 'never' });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const record = Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), bytes]);
      try {
        codec.decode(record);
      } catch (error) {
        expect(error).toEqual(undecodable);
      }
    }),
  );
  expect(() => codec.decode(Buffer.from('{"name":1}'))).toThrow(undecodable);
  expect(() => codec.decode(Buffer.from([0, 0, 0]))).toThrow(undecodable);
  const whole = codec.encode({ name: 'level', values: [1, 2], note: null });
  expect(() => codec.decode(whole.subarray(0, whole.length - 1))).toThrow(undecodable);
  expect(() => codec.decode(Buffer.concat([whole, Buffer.from([0])]))).toThrow(undecodable);
});

test('a few bytes that announce more elements than bytes are undecodable at once', () => {
  const writer = avsc.Type.forSchema('long');
  for (const count of [2 ** 40, -(2 ** 40), 4]) {
    const record = [Buffer.from([0, 0, 0, 0, 7, 0]), writer.toBuffer(count), Buffer.from([2])];
    expect(() => codec.decode(Buffer.concat(record))).toThrow(expect.objectContaining({ code: 'undecodable_record' }));
  }
});

test('a schema of another topic is undecodable, an unknown one is named so', () => {
  expect(() => codec.decode(Buffer.from([0, 0, 0, 0, 5, 2]))).toThrow(
    expect.objectContaining({ code: 'undecodable_record' }),
  );
  expect(() => codec.decode(Buffer.from([0, 0, 0, 0, 9, 2]))).toThrow(
    expect.objectContaining({ code: 'unknown_schema' }),
  );
});

test('a value that is not of the schema is a defect of the caller', () => {
  expect(() => codec.encode({ name: 1 } as unknown as Reading)).toThrow('invalid');
});
