import { expect, test } from 'vitest';
import { type ExportedScript, withFiles } from './configuration-folder.ts';

test('scripts keep the names of their files, and share one only with the same text and samples', () => {
  const script = { tenant: 'north', scriptId: 'decode', language: 'javascript', source: 'a', samples: [] };
  const south = { ...script, tenant: 'south' };
  const files = (scripts: readonly ExportedScript[], names: ReadonlyMap<string, string> = new Map()): string[] =>
    withFiles(scripts, names).map(({ file }) => file);
  expect(files([script, south])).toEqual(['scripts/decode.js', 'scripts/decode.js']);
  expect(files([script, { ...south, source: 'b' }])).toEqual(['scripts/decode.js', 'scripts/south-decode.js']);
  expect(files([script, { ...south, samples: [{ name: 'one' }] }])).toEqual([
    'scripts/decode.js',
    'scripts/south-decode.js',
  ]);
  expect(files([script], new Map([['north/decode', 'scripts/mine.js']]))).toEqual(['scripts/mine.js']);
  const shared = new Map(['north', 'south'].map((tenant) => [`${tenant}/decode`, 'scripts/mine.js']));
  expect(files([script, { ...south, source: 'b' }], shared)).toEqual(['scripts/mine.js', 'scripts/south-decode.js']);
});
