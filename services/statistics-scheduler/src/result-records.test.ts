import { expect, test } from 'vitest';
import { computedResult, failedResult, recordOf } from './result-records.ts';
import { statisticOf } from './testing/statistics.ts';

const context = {
  definition: statisticOf({ version: 3 }),
  window: { startMs: Date.parse('2026-11-21T11:00:00Z'), endMs: Date.parse('2026-11-21T12:00:00Z') },
  scriptVersion: 'mean@2',
  computedAtMicros: 1,
};
const computed = computedResult(context, 'oven-1', 7, { values: [{ name: 'mean', value: 1.5 }], warnings: ['odd'] });

test('a result is a CloudEvent in binary mode, in the partition of its device', () => {
  const record = recordOf(computed, () => Buffer.from('encoded'));
  expect(record).toMatchObject({ topic: 'statistics.results.v1', key: 'mill/oven-1', value: Buffer.from('encoded') });
  expect(record.headers).toEqual({
    ce_specversion: '1.0',
    ce_id: computed.resultId.toString('hex'),
    ce_type: 'io.millrace.statistic.computed',
    ce_source: '/millrace/statistics-scheduler',
    ce_subject: 'mill/oven-1',
    ce_time: '2026-11-21T12:00:00.000000Z',
    'content-type': 'application/avro',
  });
});

test('what is about no device has the key of its statistic', () => {
  const record = recordOf({ ...computed, deviceUid: null }, () => Buffer.alloc(0));
  expect(record.key).toBe('mill/mean-temperature');
});

test('a failed result has the id that a computed one would have', () => {
  const failed = failedResult(context, 'oven-1', 0, { code: 'script_threw', detail: 'no' });
  expect(failed).toMatchObject({ status: 'failed', values: [], errorCode: 'script_threw', errorDetail: 'no' });
  expect(failed.resultId).toEqual(computed.resultId);
});
