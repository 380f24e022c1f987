/**
 * The guides for the authors of scripts, `docs/scripts/<language>.md`, are written by hand; the worked examples in them are the files that
 * are tested. Where a guide says `<!-- example: cbor -->` the codec follows, with what it makes of its first sample.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GeneratedFile } from './generated-file.ts';

const guides = [
  { path: 'docs/scripts/javascript.md', extension: 'js' },
  { path: 'docs/scripts/lua.md', extension: 'lua' },
  { path: 'docs/scripts/python.md', extension: 'py' },
];
const examplesFolder = 'examples/scripts';

interface Sample {
  readonly payload: string;
  readonly encoding?: string;
  readonly expected: readonly Row[] | null;
}

interface Row {
  readonly name: string;
  readonly value: unknown;
  readonly time?: string;
  readonly quality?: number;
  readonly identificationCode?: string;
}

/** Throws for an example that a guide does not show, and for one that there is not. */
export function scriptGuideFiles(root: string): readonly GeneratedFile[] {
  const folders = readdirSync(join(root, examplesFolder), { withFileTypes: true });
  const examples = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return guides.map(({ path, extension }) => {
    const text = readFileSync(join(root, path), 'utf8');
    const missing = examples.filter((name) => !text.includes(markerOf(name)));
    if (missing.length > 0) throw new Error(`${path} does not show ${missing.map(markerOf).join(', ')}.`);
    return { path, text: withExamples(text, (name) => exampleOf(join(root, examplesFolder, name), extension)) };
  });
}

const markerOf = (name: string): string => `<!-- example: ${name} -->`;

/** The code and its sentence behind a marker; none where the guide is new. */
const shown = /(<!-- example: (\S+) -->\n)(?:```[^]*?\n```\n\n(?:Its first sample[^\n]*\n)?)?/g;

export function withExamples(text: string, exampleOfName: (name: string) => string): string {
  return text.replaceAll(shown, (_all, marker: string, name: string) => marker + exampleOfName(name));
}

function exampleOf(folder: string, extension: string): string {
  const code = readFileSync(join(folder, `codec.${extension}`), 'utf8');
  const [first] = JSON.parse(readFileSync(join(folder, 'samples.json'), 'utf8')) as readonly Sample[];
  return `\`\`\`${extension}\n${code}\`\`\`\n\n${first ? sentenceOf(first) : ''}`;
}

function sentenceOf({ payload, encoding, expected }: Sample): string {
  const frame = encoding === 'text' ? JSON.stringify(payload) : payload;
  return `Its first sample, \`${frame}\`, gives ${(expected ?? []).map(rowOf).join(', ')}.\n`;
}

const qualities = ['good', 'uncertain', 'bad'];

function rowOf({ name, value, time, quality, identificationCode }: Row): string {
  const more = [
    ...(identificationCode === undefined ? [] : [`of ${identificationCode}`]),
    ...(time === undefined ? [] : [`at ${time}`]),
    ...(quality === undefined ? [] : [qualities[quality]]),
  ];
  return [`\`${name} = ${JSON.stringify(value)}\``, ...more].join(' ');
}
