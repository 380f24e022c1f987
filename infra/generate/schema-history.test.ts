import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schemaOf, topics } from '@millrace/contracts';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AvroSchema, fieldsOf } from './avro-schema.ts';
import { historyFiles, refusals, shapeOf } from './schema-history.ts';
import { changesOfMeaning, compatibleChanges, incompatibleChanges } from './testing/schema-changes.ts';

const root = join(import.meta.dirname, '..', '..');
const published = { name: 'demo.readings.v1', audience: 'published' } as const;
const internal = { name: 'demo.readings.v1', audience: 'internal' } as const;
const history = 'libs/contracts/history';
let copy = '';

beforeEach(() => (copy = mkdtempSync(join(tmpdir(), 'millrace-history-'))));
afterEach(() => rmSync(copy, { recursive: true }));

test.each(compatibleChanges)('$what: taken', ({ from, to }) => {
  expect(refusals(published, [from], to)).toEqual([]);
});

test.each([...incompatibleChanges, ...changesOfMeaning])('$what: refused', ({ from, to }) => {
  const [sentence, ...more] = refusals(published, [from], to);
  expect(more).toEqual([]);
  expect(sentence).toMatch(
    /^The schema of demo\.readings\.v1 is not compatible with its version 1 \(.+\): undo the change, or make a new topic demo\.readings\.v2 for it\.$/,
  );
});

test('every earlier version counts, not the last alone', () => {
  const field = (name: string, type: string, rest: object = {}) => ({ name, type, ...rest });
  const record = (...fields: ReturnType<typeof field>[]): AvroSchema => ({ type: 'record', name: 'Reading', fields });
  const versions = [record(field('a', 'int', { default: 0 })), record()];
  expect(refusals(published, [versions[1] as AvroSchema], record(field('a', 'string', { default: '' })))).toEqual([]);
  expect(refusals(published, versions, record(field('a', 'string', { default: '' })))).toHaveLength(1);
});

test('an internal topic may change what only old readers could not follow', () => {
  for (const { what, from, to } of incompatibleChanges.filter((one) => /old readers/.test(one.what)))
    expect([what, refusals(internal, [from], to)]).toEqual([what, []]);
});

test('no published field can be lost, renamed or get another type', () => {
  const places = Object.values(topics)
    .filter(({ audience }) => audience === 'published')
    .flatMap((topic) => fieldsOf(schemaOf(topic.name) as AvroSchema).map((place) => ({ topic, ...place })));
  const damage = fc.constantFrom('rename', 'number', 'text');
  fc.assert(
    fc.property(fc.constantFrom(...places), damage, ({ topic, path, field }, how) => {
      fc.pre(how !== 'rename' || field.default === undefined);
      fc.pre(!(how === 'number' && field.type === 'float') && !(how === 'text' && field.type === 'string'));
      const schema = shapeOf(schemaOf(topic.name) as AvroSchema);
      const target = fieldsOf(schema).find((place) => place.path === path)?.field as { name: string; type: AvroSchema };
      if (how === 'rename') target.name = `${target.name}Renamed`;
      else target.type = how === 'number' ? 'float' : 'string';
      delete (target as { default?: unknown }).default;
      expect(refusals(topic, [shapeOf(schemaOf(topic.name) as AvroSchema)], schema)).toHaveLength(1);
    }),
    { numRuns: 300 },
  );
});

test('a changed schema becomes the next version, other documentation none', () => {
  cpSync(join(root, history), join(copy, history), { recursive: true });
  expect(historyFiles(copy).map(({ path }) => path)).toEqual(committedFiles());
  const folder = join(history, topics.alarmStates.name);
  const [older] = historyFiles(root).filter(({ path }) => path === join(folder, '1.avsc'));
  const shorter = JSON.parse(older?.text ?? '') as { fields: object[] };
  shorter.fields.push({ name: 'note', type: 'string', default: '' });
  writeFileSync(join(copy, folder, '1.avsc'), JSON.stringify(shorter));
  const written = historyFiles(copy).filter(({ path }) => path.startsWith(folder));
  expect(written.map(({ path }) => path)).toEqual([join(folder, '1.avsc'), join(folder, '2.avsc')]);
  expect(JSON.parse(written[1]?.text ?? '')).toEqual(shapeOf(schemaOf(topics.alarmStates.name) as AvroSchema));
});

test('a schema that breaks with a committed version stops the generation', () => {
  const folder = join(copy, history, topics.points.name);
  mkdirSync(folder, { recursive: true });
  const fields = [{ name: 'gone', type: 'string' }];
  writeFileSync(
    join(folder, '1.avsc'),
    JSON.stringify({ type: 'record', name: 'DataRowList', namespace: 'io.millrace.telemetry', fields }),
  );
  expect(() => historyFiles(copy)).toThrow(
    /telemetry\.points\.v1 is not compatible .* make a new topic telemetry\.points\.v2/,
  );
});

function committedFiles(): string[] {
  const names = Object.values(topics).filter(({ schema }) => schema);
  return names.flatMap(({ name }) =>
    readdirSync(join(root, history, name)).map((file) => `${history}/${name}/${file}`),
  );
}
