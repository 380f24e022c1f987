/**
 * The layout of chirpstack-device-profiles: beside `example.js` stand `test_decode_example.json` and `test_encode_example.json`,
 *
 *     [{"name": "…", "input": {"fPort": 2, "bytes": [21]}, "expected": {"data": {"temp": 21}}}]
 *
 * which its own tools read as JavaScript, so that they may have comments, hexadecimal numbers and names without quotes.
 * https://github.com/chirpstack/chirpstack-device-profiles
 */
import { join } from 'node:path';
import { z } from 'zod';
import { checked, textOf } from '../script-file.ts';
import { codecOf, type Folder, type LiteralReader, type TestedCodec, type Vector } from './vector.ts';

const kinds = { test_decode_: 'decodeUplink', test_encode_: 'encodeDownlink' } as const;

const tests = z.array(
  z.looseObject({
    name: z.string().optional(),
    description: z.string().optional(),
    input: z.record(z.string(), z.unknown()),
    expected: z.unknown(),
  }),
);

export async function chirpstackCodecs(folder: Folder, read: LiteralReader): Promise<readonly TestedCodec[]> {
  const codecs: TestedCodec[] = [];
  for (const name of folder.files.filter((file) => file.endsWith('.js')))
    for (const [prefix, functionName] of Object.entries(kinds)) {
      const beside = `${prefix}${name}on`;
      if (!folder.files.includes(beside)) continue;
      const file = join(folder.path, name);
      try {
        const vectors = await vectorsIn(join(folder.path, beside), functionName, read);
        if (vectors.length > 0) codecs.push(codecOf(file, { vectors }));
      } catch (error) {
        codecs.push(codecOf(file, { problem: (error as Error).message }));
      }
    }
  return codecs;
}

async function vectorsIn(
  file: string,
  functionName: Vector['functionName'],
  read: LiteralReader,
): Promise<readonly Vector[]> {
  const text = textOf(file).trim();
  if (text === '') return [];
  const list = checked(tests, await read(text, file), file);
  return list.map(({ name, description, input, expected }, index) => ({
    name: name ?? description ?? `number ${index + 1}`,
    functionName,
    input,
    expected,
  }));
}
