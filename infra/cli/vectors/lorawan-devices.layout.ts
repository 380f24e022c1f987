/**
 * The layout of lorawan-devices, the device repository of The Things Network: a file `….yaml` in the folder of a vendor says which
 * codec is meant and gives examples,
 *
 *     uplinkDecoder:
 *       fileName: lht65.js
 *       examples:
 *         - {description: …, input: {fPort: 2, bytes: [0xCB, …]}, output: {data: {BatV: 3.062}}}
 *
 * and the same for `downlinkEncoder` and `downlinkDecoder`. What it says of normalized output is not looked at.
 * https://github.com/TheThingsNetwork/lorawan-devices
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { checked, textOf } from '../script-file.ts';
import { codecOf, type Folder, type TestedCodec, type Vector } from './vector.ts';

const kinds = {
  uplinkDecoder: 'decodeUplink',
  downlinkEncoder: 'encodeDownlink',
  downlinkDecoder: 'decodeDownlink',
} as const;
const named = new RegExp(`^(?:${Object.keys(kinds).join('|')}):`, 'm');

const part = z.looseObject({
  fileName: z.string(),
  examples: z
    .array(
      z.looseObject({
        description: z.string().default('example'),
        input: z.record(z.string(), z.unknown()),
        output: z.unknown(),
      }),
    )
    .nullish(),
});
const definition = z.looseObject({
  uplinkDecoder: part.optional(),
  downlinkEncoder: part.optional(),
  downlinkDecoder: part.optional(),
});

export async function lorawanDevicesCodecs(folder: Folder): Promise<readonly TestedCodec[]> {
  const codecs: TestedCodec[] = [];
  for (const name of folder.files.filter((one) => one.endsWith('.yaml'))) {
    const file = join(folder.path, name);
    try {
      const text = textOf(file);
      if (named.test(text)) codecs.push(...codecsOf(folder, name, checked(definition, await yamlOf(text), file)));
    } catch (error) {
      codecs.push(codecOf(file, { problem: (error as Error).message }));
    }
  }
  return codecs;
}

function codecsOf(folder: Folder, name: string, parts: z.infer<typeof definition>): readonly TestedCodec[] {
  return Object.entries(kinds).flatMap(([key, functionName]) => {
    const { fileName, examples } = parts[key as keyof typeof kinds] ?? {};
    if (fileName === undefined || !examples || examples.length === 0) return [];
    const file = join(folder.path, fileName);
    const vectors = examples.map(({ description, input, output }): Vector => ({
      name: description,
      functionName,
      input,
      expected: output,
    }));
    return [
      existsSync(file)
        ? codecOf(file, { vectors })
        : codecOf(file, { problem: `${name} names ${fileName}, which is not there.` }),
    ];
  });
}

async function yamlOf(text: string): Promise<unknown> {
  const { parse } = await import('yaml');
  return parse(text, { uniqueKeys: false });
}
