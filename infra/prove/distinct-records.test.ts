import { expect, test } from 'vitest';
import { DistinctRecords } from './distinct-records.ts';

function recordsOf(...texts: string[]): DistinctRecords {
  const records = new DistinctRecords();
  for (const text of texts) {
    const [device = '', identity = '', bytes = ''] = text.split(' ');
    records.add(device, identity, Buffer.from(bytes));
  }
  return records;
}

const differing = (live: DistinctRecords, replayed: DistinctRecords) => live.comparedWith(replayed, 't').examples;

test('repeats change nothing, and how devices interleave does not either', () => {
  const live = recordsOf('0 a x', '0 b y', '0 a x', '1 c z', '0 b y');
  const replayed = recordsOf('1 c z', '0 a x', '0 b y');
  expect([live.count, live.repeated, live.contradictions]).toEqual([3, 2, []]);
  expect(live.hash).toBe(replayed.hash);
  expect(differing(live, replayed)).toEqual([]);
});

test('a repeat with other bytes is a contradiction', () => {
  expect(recordsOf('0 a x', '0 a y').contradictions).toEqual(['a']);
});

test('what is missing, added, altered or in another order is named', () => {
  const live = recordsOf('0 a x', '0 b y');
  expect(differing(live, recordsOf('0 a x'))).toEqual(['b live only']);
  expect(differing(live, recordsOf('0 a x', '0 b y', '0 c z'))).toEqual(['c in the replay only']);
  expect(differing(live, recordsOf('0 a x', '0 b z'))).toEqual(['b with other bytes']);
  expect(differing(live, recordsOf('0 b y', '0 a x'))).toEqual(['the order of the records']);
});
