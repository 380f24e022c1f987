/** Data row lists for tests: a plain one, and arbitrary ones with every awkward character. */
import type { DataRow, DataRowList } from '@millrace/contracts';
import fc from 'fast-check';

/** A list of one good row; a test names what matters to it. */
export function dataRowList(list: Partial<DataRowList> = {}, ...rows: readonly Partial<DataRow>[]): DataRowList {
  return {
    messageId: Buffer.alloc(16),
    part: 0,
    tenant: 'acme',
    deviceUid: 'pump-1',
    identificationCode: null,
    timeMicros: 1_760_000_000_000_000,
    timeFromSender: true,
    receivedAtMicros: 1_760_000_000_250_000,
    sequence: 0,
    rows: (rows.length > 0 ? rows : [{}]).map(dataRow),
    rawPayload: null,
    rawPartition: 0,
    rawOffset: 0,
    rawIndex: 0,
    scriptVersion: '',
    warnings: [],
    ...list,
  };
}

/** A good row; a test names what matters to it. */
export function dataRow(row: Partial<DataRow>): DataRow {
  return { name: 'temperature', value: 21.5, quality: 0, timeOffsetMicros: 0, ordinal: 0, ...row };
}

const awkward = fc.string({
  unit: fc.constantFrom(' ', ',', '=', '"', "'", '\\', '\n', '\r', '\t', 'a', 'é', '温', '🌡', '\u0010', '0', 'i'),
  minLength: 1,
  maxLength: 12,
});

const anyValue = fc.oneof(
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.oneof(awkward, fc.constant('')),
);

const anyRow: fc.Arbitrary<DataRow> = fc.record({
  name: awkward,
  value: anyValue,
  quality: fc.oneof(fc.constant(0), fc.integer({ min: -128, max: 127 })),
  timeOffsetMicros: fc.oneof(fc.constant(0), fc.integer({ min: -1_000_000, max: 1_000_000 })),
  ordinal: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1_023 })),
});

/** Any list that has an identity; tenant and device as their patterns allow. */
export const anyDataRowList: fc.Arbitrary<DataRowList> = fc
  .record({
    tenant: fc.stringMatching(/^[a-z][a-z0-9_]{1,31}$/),
    deviceUid: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/),
    timeMicros: fc.oneof(
      fc.constant(1_000_000),
      fc.integer({ min: 1_000_000, max: Number.MAX_SAFE_INTEGER - 1_000_000 }),
    ),
    receivedAtMicros: fc.maxSafeNat(),
    sequence: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 42 - 1 })),
    rows: fc.array(anyRow, { maxLength: 6 }),
  })
  .map((list) => dataRowList(list));
