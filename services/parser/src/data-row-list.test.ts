import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataRowListOf } from './data-row-list.ts';
import { rawMessage } from './testing/raw-messages.ts';

const received = 1_700_000_000_000_000;
const recipe = { script: undefined, scriptVersion: 'decode@1', variables: {}, keepRawPayload: false };
const place = { partition: 3, offset: 42, index: 5 };
const row = (name: string, timeMicros: number | null = null) => ({ name, value: 1, timeMicros });
const decoded = (rows: readonly ReturnType<typeof row>[], timeMicros: number | null = null) => ({
  rows,
  timeMicros,
  warnings: [],
});

test('a record says where its message lies and how it was parsed', () => {
  const message = rawMessage({ identificationCode: 'EUI', payload: Buffer.from([1]) });
  const list = dataRowListOf(
    message,
    { ...recipe, keepRawPayload: true },
    { ...decoded([row('t')]), warnings: ['w'] },
    place,
  );
  expect(list).toEqual({
    messageId: message.messageId,
    part: 0,
    tenant: 'acme',
    deviceUid: 'd1',
    identificationCode: 'EUI',
    timeMicros: received,
    timeFromSender: false,
    receivedAtMicros: received,
    sequence: 0x07070707,
    rows: [{ name: 't', value: 1, quality: 0, timeOffsetMicros: 0, ordinal: 0 }],
    rawPayload: message.payload,
    rawPartition: 3,
    rawOffset: 42,
    rawIndex: 5,
    scriptVersion: 'decode@1',
    warnings: ['w'],
  });
});

test.each<[string, Parameters<typeof rawMessage>[0], ReturnType<typeof decoded>, object]>([
  [
    'no time: that of receipt, rows told apart by the message id',
    {},
    decoded([row('t')]),
    { timeMicros: received, timeFromSender: false, sequence: 0x07070707 },
  ],
  ['the envelope', { timeMicros: 5 }, decoded([row('t')]), { timeMicros: 5, timeFromSender: true, sequence: 0 }],
  [
    'the script, before the envelope',
    { timeMicros: 5 },
    decoded([row('t')], 6),
    { timeMicros: 6, timeFromSender: true, sequence: 0 },
  ],
  ['every row', {}, decoded([row('t', 8), row('t', 9)]), { timeMicros: 8, timeFromSender: true, sequence: 0 }],
  [
    'some rows only: that of receipt',
    {},
    decoded([row('t', 8), row('u')]),
    { timeMicros: received, timeFromSender: false },
  ],
  [
    'the envelope and the frame counter',
    { timeMicros: 5, attributes: { fCnt: '77' } },
    decoded([row('t')]),
    { timeMicros: 5, sequence: 77 },
  ],
  [
    'a frame counter alone: that of receipt',
    { attributes: { fCnt: '77' } },
    decoded([row('t')]),
    { timeFromSender: false, sequence: 0x07070707 },
  ],
  ['a frame counter that is none', { timeMicros: 5, attributes: { fCnt: '7x' } }, decoded([row('t')]), { sequence: 0 }],
  ['no rows', { timeMicros: 5 }, decoded([]), { timeMicros: 5, timeFromSender: true, rows: [] }],
])('the time comes from %s', (_name, given, parsed, expected) => {
  expect(dataRowListOf(rawMessage(given), recipe, parsed, place)).toMatchObject(expected);
});

test('rows carry the difference to the base time', () => {
  const { rows } = dataRowListOf(rawMessage(), recipe, decoded([row('t', 10), row('u')], 4), place);
  expect(rows.map(({ timeOffsetMicros }) => timeOffsetMicros)).toEqual([6, 0]);
});

test('name, time and ordinal are unique in a message, and the first of each name and time has 0', () => {
  const rows = fc.array(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      value: fc.constant(1),
      timeMicros: fc.option(fc.integer({ min: 1, max: 3 })),
    }),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(rows, fc.option(fc.integer({ min: 1, max: 3 })), (given, timeMicros) => {
      const list = dataRowListOf(rawMessage(), recipe, { rows: given, timeMicros, warnings: [] }, place);
      const keys = list.rows.map(({ name, timeOffsetMicros }) => `${name} ${timeOffsetMicros}`);
      const expected = keys.map((key, at) => keys.slice(0, at).filter((earlier) => earlier === key).length);
      expect(list.rows.map(({ ordinal }) => ordinal)).toEqual(expected);
    }),
  );
});

test('parsing a message again gives the same record', () => {
  const again = () => dataRowListOf(rawMessage(), recipe, decoded([row('t'), row('t')]), place);
  expect(again()).toEqual(again());
});
