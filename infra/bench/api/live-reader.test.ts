import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { BenchReader } from './live-reader.ts';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Gives the stream to the reader, which has been told that it started. */
async function opened(reader: BenchReader): Promise<ServerResponse> {
  const asked = Promise.withResolvers<ServerResponse>();
  server = createServer((_request, response) => {
    response.write('event: started\ndata: {}\n\n');
    asked.resolve(response);
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await reader.open({ url: `http://127.0.0.1:${port}`, key: 'k' });
  return asked.promise;
}

const event = (points: number): string => {
  const list = Array.from({ length: points }, () => ({ signal: 't', time: new Date().toISOString(), value: 1 }));
  return `event: points\ndata: ${JSON.stringify({ device: 'd', points: list })}\n\n`;
};
const missed = `event: missed\ndata: {"reason":"slow","points":7,"alarms":0}\n\n`;

test('events count wherever the stream is cut, and so does what was missed', async () => {
  const latencies: number[] = [];
  const reader = new BenchReader('quick', (ms) => latencies.push(ms));
  const stream = await opened(reader);
  const text = `${event(3)}: heartbeat\n\nid: 1\n${event(2)}${missed}${event(1)}`;
  for (const part of text.match(/.{1,10}/gs) ?? []) {
    const flushed = Promise.withResolvers<void>();
    stream.write(part, () => flushed.resolve());
    await flushed.promise;
  }
  await vi.waitFor(() => expect(reader.count.points).toBe(6));
  expect(reader.count).toEqual({
    pace: 'quick',
    events: 3,
    points: 6,
    missedPoints: 7,
    gapsTold: 1,
    ended: false,
  });
  expect(latencies).toHaveLength(3);
});

test('a slow reader takes nothing more until it hurries', async () => {
  const reader = new BenchReader('slow');
  const stream = await opened(reader);
  const megabytes = 16;
  const padding = `: ${'x'.repeat(2 ** 20)}\n\n`;
  for (let written = 0; written < megabytes; written += 1) stream.write(padding);
  stream.write(event(1));
  await vi.waitFor(() => expect(stream.writableNeedDrain).toBe(true));
  expect(reader.count.points).toBe(0);
  reader.hurry();
  await vi.waitFor(() => expect(reader.count.points).toBe(1), 10_000);
});

test('a stream that ends is told', async () => {
  const reader = new BenchReader('quick');
  (await opened(reader)).end();
  await vi.waitFor(() => expect(reader.count.ended).toBe(true));
});
