import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { begunStream } from './begun-stream.ts';

async function* failing(error: Error | undefined): AsyncGenerator<string> {
  if (error) throw error;
  yield '';
}

test('what is wrong before the first piece is thrown, not streamed', async () => {
  const response = { setTimeout: () => undefined } as never;
  await expect(begunStream(failing(new Error('wrong from the beginning')), response)).rejects.toThrow(
    'wrong from the beginning',
  );
});

test('who stops reading is cut off, and what made the answer ends', async () => {
  const ended = Promise.withResolvers<string>();
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) yield 'x'.repeat(100_000);
    } finally {
      ended.resolve('ended');
    }
  }
  const server = createServer((_, response) => {
    void begunStream(endless(), response, 50).then((stream) => pipeline(stream, response, () => undefined));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const asked = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' }).end();
  asked.on('error', () => undefined);
  const [answer] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
  answer.on('error', () => undefined);
  expect(await ended.promise).toBe('ended');
  asked.destroy();
});
