import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventsIn, type StreamEvent } from './event-stream.ts';

async function parsed(...chunks: readonly string[]): Promise<readonly StreamEvent[]> {
  const source = async function* () {
    yield* chunks;
  };
  const events: StreamEvent[] = [];
  for await (const one of eventsIn(source())) events.push(one);
  return events;
}

test('events are the same wherever the text is cut', async () => {
  const events = fc.array(fc.record({ name: fc.constantFrom('raw', 'points'), text: fc.json() }));
  await fc.assert(
    fc.asyncProperty(events, fc.array(fc.nat(400)), async (sent, cuts) => {
      const text = sent.map((one) => `event: ${one.name}\ndata: ${one.text}\n\n`).join('');
      const edges = [0, ...cuts.filter((at) => at < text.length).toSorted((a, b) => a - b), text.length];
      expect(await parsed(...edges.map((at, index) => text.slice(edges[index - 1] ?? 0, at)))).toEqual(sent);
    }),
  );
});

test('comments are passed over and an unfinished event is none', async () => {
  expect(await parsed(': still here\ndata: 1\n\nevent: raw\nda')).toEqual([{ name: 'message', text: '1' }]);
});

test('a stream without an end of an event is given up', async () => {
  await expect(parsed('x'.repeat(1_000_001))).rejects.toThrow('too long');
});
