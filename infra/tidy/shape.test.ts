/** What every file must look like. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allSources, root, type Source } from './sources.ts';

/** Longer ones hold two stages; tests list cases and may be longer. */
const linesMax = 250;
const testLinesMax = 300;

const where = (found: readonly Source[]): string[] => found.map(({ path }) => path);

test('there are files to look at', () => {
  expect(allSources.length).toBeGreaterThan(100);
});

test('no file is too long', () => {
  const long = allSources.filter(
    ({ text, forTests }) => text.split('\n').length > (forTests ? testLinesMax : linesMax),
  );
  expect(where(long)).toEqual([]);
});

test('nothing is of type any', () => {
  const loose = /(:|<|\bas|\||=>)\s*any\b(?!\w*\s*[a-z])/;
  expect(where(allSources.filter(({ text }) => loose.test(withoutComments(text))))).toEqual([]);
});

test('nothing is left to be done, and nothing is switched off without a reason', () => {
  const marks = new RegExp(
    [
      '\\bTO' + 'DO\\b',
      '\\bFIX' + 'ME\\b',
      '\\bXX' + 'X\\b',
      '@ts-(ignore|nocheck)',
      '(oxlint|eslint)-disable(?!.* -- \\S)',
      '\\.on' + 'ly\\(',
    ].join('|'),
  );
  expect(where(allSources.filter(({ path, text }) => !path.startsWith('infra/tidy/') && marks.test(text)))).toEqual([]);
});

test('what a file exports has a name', () => {
  /** Vitest loads its configuration and reporters by their default export; the repaired kafkajs stands in for kafkajs. */
  const required = ['vitest.config.ts', 'infra/tools/closing-line.ts', 'libs/kafka/src/kafkajs/kafkajs.ts'];
  const nameless = allSources.filter(({ text }) => /^export default\b/m.test(text));
  expect(where(nameless).toSorted()).toEqual(required.toSorted());
});

test('a file says what it is for before it exports anything', () => {
  /** An index lists, a test is named after its promises, a main starts what the other files say. */
  const speakForThemselves = /(^|\/)(index|main)\.ts$|\.test\.ts$/;
  const silent = allSources.filter(
    ({ path, text }) => !speakForThemselves.test(path) && !text.split(/^export\b/m, 1)[0]?.includes('/**'),
  );
  expect(where(silent)).toEqual([]);
});

test('a file is not named after nothing', () => {
  const vague = /(^|[-/])(utils?|helpers?|common|misc|stuff)\.ts$|\/(data|info|types|constants)\.ts$/;
  expect(where(allSources.filter(({ path }) => vague.test(path)))).toEqual([]);
});

test('CI runs what the README promises', () => {
  const ci = readFileSync(join(root, '.ci/run'), 'utf8');
  for (const command of ['./millrace check', './millrace test']) expect(ci).toContain(command);
});

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$|'[^'\n]*'|`[^`]*`/gm, '');
}
