import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PointsEncoder } from './points-encoder.ts';
import { officialLines } from './testing/official-lines.ts';
import { anyDataRowList, dataRowList } from './testing/points.ts';

function encoded(encoder: PointsEncoder): Buffer {
  return Buffer.from(encoder.slice(0, encoder.bytes));
}

describe('lines of points', () => {
  test('are byte for byte what the official client writes, whatever characters and values they hold', () => {
    const encoder = new PointsEncoder('points_90d');
    fc.assert(
      fc.property(fc.array(anyDataRowList, { maxLength: 4 }), (lists) => {
        encoder.clear();
        for (const list of lists) expect(encoder.append(list)).toBeUndefined();
        expect(encoded(encoder).toString('latin1')).toBe(officialLines('points_90d', lists).toString('latin1'));
        expect(encoder.rows).toBe(lists.reduce((rows, list) => rows + list.rows.length, 0));
      }),
      { numRuns: 300 },
    );
  });

  test('stay right when the buffer grows in the middle of a message', () => {
    const encoder = new PointsEncoder('points_90d');
    const list = dataRowList(
      {},
      {},
      { name: 'note', value: 'x'.repeat(700_000) },
      {},
      { value: 'y'.repeat(700_000) },
      {},
    );
    encoder.append(list);
    expect(encoded(encoder).equals(officialLines('points_90d', [list]))).toBe(true);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('hold null for %d, which is no value', (value) => {
    const encoder = new PointsEncoder('points_90d');
    encoder.append(dataRowList({}, { value }));
    expect(encoded(encoder).equals(officialLines('points_90d', [dataRowList({}, { value: null })]))).toBe(true);
  });

  test.each([
    ['a time before 1970', { timeMicros: -1 }, {}],
    ['a time that is not exact', { timeMicros: Number.MAX_SAFE_INTEGER }, { timeOffsetMicros: 1 }],
    ['a negative sequence', { sequence: -1 }, {}],
    ['a sequence of 43 bits', { sequence: 2 ** 42 }, {}],
    ['an ordinal of 11 bits', {}, { ordinal: 1_024 }],
    ['a negative time of receipt', { receivedAtMicros: -1 }, {}],
  ])('are not written for %s, nor for the other rows of that message', (_, list, row) => {
    const encoder = new PointsEncoder('points_90d');
    expect(encoder.append(dataRowList(list, {}, row))).toMatch(/out of range/);
    expect(encoder).toMatchObject({ rows: 0, bytes: 0 });
  });
});
