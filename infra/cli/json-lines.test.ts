import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonLines } from './json-lines.ts';

test('lines of JSON are read however they are cut', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.jsonValue()),
    fc.boolean(),
    fc.array(fc.nat(2_000)),
    async (values, isEnded, cuts) => {
      const bytes = Buffer.from(values.map((value) => JSON.stringify(value)).join('\n') + (isEnded ? '\n' : ''));
      const places = [...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
      const pieces = places.map((place, index) => new Uint8Array(bytes.subarray(places[index - 1] ?? 0, place)));
      const found: unknown[] = [];
      fc.pre(values.length > 0);
      for await (const value of jsonLines(ReadableStream.from(pieces))) found.push(value);
      expect(found).toEqual(values.map((value) => JSON.parse(JSON.stringify(value)) as unknown));
    },
  );
  await fc.assert(property);
});
