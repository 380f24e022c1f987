import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PointPages } from './point-pages.ts';
import type { SqlValue } from './questdb.ts';

const dayMicros = 86_400_000_000;
const range = { table: 'points_30d', tenant: 'acme', devices: [], signals: [], fromMicros: 0, toMicros: 3 * dayMicros };

interface Stored {
  readonly timeMicros: number;
  readonly device: string;
  readonly seq: number;
}

/** A table in memory that understands the two statements of pages. */
class MemoryTable {
  readonly statements: string[] = [];
  readonly #rows: readonly Stored[];

  constructor(rows: readonly Stored[]) {
    this.#rows = rows;
  }

  async query(statement: string): Promise<readonly (readonly SqlValue[])[]> {
    this.statements.push(statement);
    const [, from, to] = /ts >= (\d+)L AND ts < (\d+)L/.exec(statement) ?? [];
    const [, first, second] = / LIMIT (\d+)(?:, (\d+))?$/.exec(statement) ?? [];
    const sorted = statement.includes('ORDER BY device')
      ? this.#rows.toSorted(byIdentity)
      : this.#rows.toSorted((a, b) => a.timeMicros - b.timeMicros);
    return sorted
      .filter(({ timeMicros }) => timeMicros >= Number(from) && timeMicros < Number(to))
      .slice(second === undefined ? 0 : Number(first), Number(second ?? first))
      .map(({ timeMicros, device, seq }) => [device, 's', timeMicros, seq, 1, null, 1, 0, 0]);
  }
}

function byIdentity(a: Stored, b: Stored): number {
  return a.timeMicros - b.timeMicros || (a.device < b.device ? -1 : Number(a.device > b.device)) || a.seq - b.seq;
}

const anyRows = fc.uniqueArray(
  fc.record({
    timeMicros: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 3 * dayMicros - 1 })),
    device: fc.constantFrom('a', 'b', 'c'),
    seq: fc.integer({ min: 0, max: 3 }),
  }),
  { maxLength: 60, selector: ({ timeMicros, device, seq }) => `${timeMicros} ${device} ${seq}` },
);

test('pages have every point once and in order, however many share one time', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, fc.integer({ min: 1, max: 9 }), async (rows, pagePoints) => {
      const found: Stored[] = [];
      for await (const page of new PointPages(new MemoryTable(rows), pagePoints).read(range)) {
        expect(page.length).toBeGreaterThan(0);
        expect(page.length).toBeLessThanOrEqual(pagePoints);
        found.push(...page.map(({ timeMicros, device, seq }) => ({ timeMicros, device, seq })));
      }
      expect(found).toEqual(rows.toSorted(byIdentity));
    }),
  );
});

test('no statement reads more than one day or without a limit, and none is sent before its page is asked for', async () => {
  const table = new MemoryTable([0, 1, 2].map((day) => ({ timeMicros: day * dayMicros + 5, device: 'a', seq: 0 })));
  const pages = new PointPages(table, 10).read({ ...range, fromMicros: 3 });
  await pages.next();
  expect(table.statements).toHaveLength(1);
  for await (const page of pages) expect(page).toHaveLength(1);
  const spans = table.statements.map((one) =>
    /ts >= (\d+)L AND ts < (\d+)L.* LIMIT 10$/.exec(one)?.slice(1).map(Number),
  );
  expect(spans).toEqual([
    [3, dayMicros],
    [dayMicros, 2 * dayMicros],
    [2 * dayMicros, 3 * dayMicros],
  ]);
});
