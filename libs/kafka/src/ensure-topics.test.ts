import { ManualClock } from '@millrace/testkit';
import { expect, test, vi } from 'vitest';
import { ensureTopics } from './ensure-topics.ts';
import { createKafka, type KafkaNotice } from './kafka.ts';

test('a Kafka that is away is nothing to speak of during a usual start, and a warning afterwards', async () => {
  const notices: KafkaNotice[] = [];
  const nobody = { brokers: ['127.0.0.1:1'], clientId: 'millrace-test' };
  const kafka = createKafka({ ...nobody, onNotice: (notice) => notices.push(notice) });
  const waits = () => notices.filter(({ sentence }) => sentence === 'Kafka was not ready at the start.');
  vi.spyOn(kafka, 'newClient').mockImplementation(() => ({ admin: () => new AwayAdmin() }) as never);
  const clock = new ManualClock();
  const stopping = new AbortController();
  const ensured = ensureTopics(kafka, [], { mayCreate: true, clock }, stopping.signal);
  await clock.advance(4_900);
  expect(new Set(waits().map(({ level }) => level))).toEqual(new Set(['debug']));
  await clock.advance(2_000);
  expect(waits().at(-1)).toMatchObject({ level: 'warn', fields: { reason: expect.stringContaining('away') } });
  stopping.abort(new Error('stopping'));
  await expect(ensured).rejects.toThrow('stopping');
});

class AwayAdmin {
  readonly connect = () => Promise.reject(new Error('Kafka is away'));
  readonly disconnect = () => Promise.resolve();
}
