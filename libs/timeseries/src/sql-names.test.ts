/** Names come from outside and go into statements: whatever they are, they are literals there. */
import { anyText } from '@millrace/testkit/any-text';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pageStatement } from './point-pages.ts';
import { rangeStatement } from './point-query.ts';
import { seriesStatement } from './series-query.ts';
import { trendStatement } from './trend-query.ts';
import { windowStatement } from './window-query.ts';

interface Names {
  readonly tenant: string;
  readonly device: string;
  readonly signal: string;
}

const span = { table: 'points_90d', fromMicros: 1, toMicros: 2 };

const statements: readonly (readonly [name: string, statementOf: (names: Names) => string])[] = [
  ['a range', (names) => rangeStatement({ ...span, ...names, limit: 1, order: 'oldest first' })],
  ['series', ({ tenant, ...one }) => seriesStatement({ ...span, tenant, series: [one], points: 2 }, 'count()')],
  [
    'a page',
    ({ tenant, device, signal }) => pageStatement({ ...span, tenant, devices: [device], signals: [signal] }, 1),
  ],
  [
    'a window',
    ({ tenant, device, signal }) =>
      windowStatement({ ...span, tenant, devices: [device], signals: [signal], pointsMax: 1 }, 1),
  ],
  [
    'trends',
    ({ tenant, device }) => trendStatement({ ...span, tenant, devices: [device], bucketMicros: 1, buckets: 1 }),
  ],
];

const awkward = fc.string({
  unit: fc.constantFrom("'", '"', '\\', '-', ';', '/', '*', '\n', '\0', ' ', 'a', '$', ')'),
});
const anyName = fc.oneof(anyText, awkward);
const plain = { tenant: 'a', device: 'b', signal: 'c' };

test.each(statements)('%s keeps its form and its tenant, whatever the names are', (_, statementOf) => {
  const form = partsOf(statementOf(plain)).form;
  fc.assert(
    fc.property(anyName, anyName, anyName, (tenant, device, signal) => {
      const found = partsOf(statementOf({ tenant, device, signal }));
      expect(found.form).toBe(form);
      expect(found.literals[0]).toBe(tenant);
      expect(found.literals).toContain(device);
      expect(found.form).toMatch(/ AND tenant = \? AND /);
    }),
  );
});

/** A statement with its text literals taken out, in QuestDB's lexical rules: a quote in a literal is two. */
function partsOf(statement: string): { readonly form: string; readonly literals: readonly string[] } {
  const literals: string[] = [];
  const form = statement.replaceAll(/'((?:[^']|'')*)'/g, (_, text: string) => {
    literals.push(text.replaceAll("''", "'"));
    return '?';
  });
  return { form, literals };
}
