import { expect, test } from 'vitest';
import { jsonLine } from './record-line.ts';

const at = { topic: 'telemetry.points.v1', partition: 3 };
const record = {
  offset: '17',
  key: Buffer.from('north/a'),
  value: Buffer.alloc(0),
  timestamp: '1700000000000',
  headers: {},
};

test('a record is one line with where it was and what it holds', () => {
  expect(
    JSON.parse(jsonLine(at, record, { time: 1_700_000_000_000_001, rows: [{ value: 1.5 }, { value: null }] })),
  ).toEqual({
    topic: 'telemetry.points.v1',
    partition: 3,
    offset: 17,
    key: 'north/a',
    timestamp: 1_700_000_000_000,
    value: { time: 1_700_000_000_000_001, rows: [{ value: 1.5 }, { value: null }] },
  });
});

test('ids are hex, other bytes base64', () => {
  const value = { messageId: Buffer.alloc(16, 0xab), payload: Buffer.from('hello') };
  expect(JSON.parse(jsonLine(at, record, value)).value).toEqual({ messageId: 'ab'.repeat(16), payload: 'aGVsbG8=' });
});

test('headers are text, a deleted record has neither key nor value', () => {
  const deleted = {
    ...record,
    key: null,
    value: null,
    headers: { stage: Buffer.from('parser'), many: ['a', Buffer.from('b')] },
  };
  expect(JSON.parse(jsonLine(at, deleted, null))).toMatchObject({
    key: null,
    value: null,
    headers: { stage: 'parser', many: ['a', 'b'] },
  });
});
