/** The writer under any order of calls, passing time and answers of the producer. */
import type { RawMessage, ReceivedMessage } from '@millrace/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lingerMs, newHeldWriter } from './testing/held-writer.ts';
import { anyReceived, newCodec } from './testing/received.ts';

const codec = newCodec();

type Step = 'wait' | 'succeed' | 'fail' | readonly ReceivedMessage[];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.array(anyReceived, { maxLength: 30 }) },
  { weight: 2, arbitrary: fc.constantFrom<Step[]>('wait', 'succeed', 'fail') },
);

/** Runs the steps, then closes; every payload is a number that counts the messages taken. */
class Run {
  readonly parts = newHeldWriter({ messagesInFlightMax: 60, bytesInFlightMax: 20_000 });
  taken = 0;

  async do(one: Step): Promise<void> {
    const { producer, clock } = this.parts;
    if (typeof one === 'object') this.#accept(one);
    else if (one === 'wait') await clock.advance(lingerMs);
    else if (producer.inFlight > 0 && one === 'succeed') producer.succeed();
    else if (producer.inFlight > 0) producer.fail(new Error('refused'));
    await clock.advance(0);
  }

  async close(): Promise<void> {
    const { writer, producer, clock } = this.parts;
    const closed = writer.close();
    while (producer.inFlight > 0) {
      producer.succeed();
      await clock.advance(0);
    }
    await closed;
  }

  /** What the identity does not explain. */
  get unexplained(): number {
    const { in: taken = 0, ...ends } = this.parts.counts;
    return taken - Object.values(ends).reduce((sum, count) => sum + count, this.parts.writer.messagesInFlight);
  }

  get written(): readonly RawMessage[] {
    return this.parts.producer.sent.flatMap(({ value }) => codec.decode(value!).messages);
  }

  #accept(messages: readonly ReceivedMessage[]): void {
    const { writer } = this.parts;
    const before = writer.messagesInFlight;
    const numbered = messages.map((message, index) => ({ ...message, payload: Buffer.from(`${this.taken + index}`) }));
    writer.accept(numbered).catch(() => undefined);
    this.taken += writer.messagesInFlight - before;
  }
}

test('every message taken is sent once, in order per device, and in = out + rejected + in flight all the time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30, size: 'max' }), async (steps) => {
      const run = new Run();
      for (const one of steps) {
        await run.do(one);
        expect(run.unexplained).toBe(0);
      }
      await run.close();
      expect(run.parts.writer.messagesInFlight).toBe(0);
      expect(run.unexplained).toBe(0);
      const numbers = run.written.map(({ payload }) => Number(payload));
      expect(numbers.toSorted((a, b) => a - b)).toEqual([...Array(run.taken).keys()]);
      for (const ofDevice of Map.groupBy(run.written, ({ tenant, deviceUid }) => `${tenant}/${deviceUid}`).values()) {
        const order = ofDevice.map(({ payload }) => Number(payload));
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }
    }),
  );
});
