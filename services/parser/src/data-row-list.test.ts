import { Configuration } from '@millrace/config';
import type { DataRowList, RawMessage } from '@millrace/contracts';
import { type DecodedUplink, plainOrigin, type RowOrigin } from '@millrace/sandbox';
import { anyDevice } from '@millrace/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataRowListsOf } from './data-row-list.ts';
import type { Recipe } from './recipe.ts';
import { rawMessage } from './testing/raw-messages.ts';

const received = 1_700_000_000_000_000;
const recipe = { script: undefined, scriptVersion: 'decode@1', variables: {}, keepRawPayload: false };
const place = { partition: 3, offset: 42, index: 5 };
const row = (name: string, timeMicros: number | null = null, origin: Partial<RowOrigin> = {}) => ({
  name,
  value: 1,
  ...plainOrigin,
  timeMicros,
  ...origin,
});
const decoded = (rows: readonly ReturnType<typeof row>[], timeMicros: number | null = null) => ({
  rows,
  timeMicros,
  warnings: [],
});

/** `SN-b1` is behind the sender. */
const configuration = new Configuration();
const behind = anyDevice('acme', 'b1', { gatewayUid: 'd1', identificationCode: 'SN-b1' });
configuration.apply('devices', 'acme/b1', behind);

function listsOf(...[message, by, parsed]: Given): readonly DataRowList[] {
  const lists = dataRowListsOf(message, by, parsed, place, configuration);
  if ('code' in lists) throw new Error(lists.detail);
  return lists;
}

type Given = readonly [RawMessage, Recipe, DecodedUplink];

const listOf = (...given: Given): DataRowList => listsOf(...given)[0]!;

test('a record says where its message lies and how it was parsed', () => {
  const message = rawMessage({ identificationCode: 'EUI', payload: Buffer.from([1]) });
  const list = listOf(message, { ...recipe, keepRawPayload: true }, { ...decoded([row('t')]), warnings: ['w'] });
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
  expect(listOf(rawMessage(given), recipe, parsed)).toMatchObject(expected);
});

test('rows carry the difference to the base time', () => {
  const { rows } = listOf(rawMessage(), recipe, decoded([row('t', 10), row('u')], 4));
  expect(rows.map(({ timeOffsetMicros }) => timeOffsetMicros)).toEqual([6, 0]);
});

test('name, time and ordinal are unique in a message, and the first of each name and time has 0', () => {
  const plain = { quality: fc.constant(0 as const), identificationCode: fc.constant(null) };
  const rows = fc.array(
    fc.record({
      ...plain,
      name: fc.constantFrom('a', 'b', 'c'),
      value: fc.constant(1),
      timeMicros: fc.option(fc.integer({ min: 1, max: 3 })),
    }),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(rows, fc.option(fc.integer({ min: 1, max: 3 })), (given, timeMicros) => {
      const list = listOf(rawMessage(), recipe, { rows: given, timeMicros, warnings: [] });
      const keys = list.rows.map(({ name, timeOffsetMicros }) => `${name} ${timeOffsetMicros}`);
      const expected = keys.map((key, at) => keys.slice(0, at).filter((earlier) => earlier === key).length);
      expect(list.rows.map(({ ordinal }) => ordinal)).toEqual(expected);
    }),
  );
});

test('a row has the quality that the script gave it', () => {
  const { rows } = listOf(rawMessage(), recipe, decoded([row('t'), row('u', null, { quality: 2 })]));
  expect(rows.map(({ quality }) => quality)).toEqual([0, 2]);
});

test('rows of a sub-device are a record of it, with a time of its own; bytes and warnings are in the record of the sender', () => {
  const of = { identificationCode: 'SN-b1' };
  const rows = [row('t'), row('t', 8, of), row('u', 9, of), row('t')];
  const message = rawMessage({ attributes: { fCnt: '77' } });
  const [sender, subDevice, ...more] = listsOf(
    message,
    { ...recipe, keepRawPayload: true },
    {
      ...decoded(rows),
      warnings: ['w'],
    },
  );
  expect(sender).toMatchObject({ part: 0, deviceUid: 'd1', timeMicros: received, rawPayload: message.payload });
  expect(sender).toMatchObject({ warnings: ['w'], rows: [{ ordinal: 0 }, { ordinal: 1 }] });
  expect(subDevice).toEqual({
    ...sender,
    part: 1,
    deviceUid: 'b1',
    identificationCode: 'SN-b1',
    timeMicros: 8,
    timeFromSender: true,
    sequence: 77,
    rows: [
      { name: 't', value: 1, quality: 0, timeOffsetMicros: 0, ordinal: 0 },
      { name: 'u', value: 1, quality: 0, timeOffsetMicros: 1, ordinal: 0 },
    ],
    rawPayload: null,
    warnings: [],
  });
  expect(more).toEqual([]);
});

test('parsing a message again gives the same record', () => {
  const again = () => listOf(rawMessage(), recipe, decoded([row('t'), row('t')]));
  expect(again()).toEqual(again());
});
