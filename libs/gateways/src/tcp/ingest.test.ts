/** How long a connection lasts, and how much it may hold. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hello, receipt, settings, TcpBench } from '../testing/tcp-bench.ts';

let bench: TcpBench;

beforeEach(async () => {
  bench = await TcpBench.start();
});

afterEach(() => bench.close());

const soon = <T>(expectation: () => T): Promise<T> => vi.waitFor(expectation, { timeout: 5_000, interval: 5 });

test('reads no more from a connection with too many lines unanswered, and loses none', async () => {
  bench.sink.hold();
  const client = await bench.connect();
  const numbers = Array.from({ length: 20 }, (_, number) => `${number}`);
  client.write(`${hello}${numbers.join('\n')}\n`);
  await soon(() => expect(bench.sink.messages).toHaveLength(4));
  bench.sink.release();
  expect(await client.end()).toEqual(['OK', ...numbers.map((number) => receipt(Number(number)))]);
  expect(bench.payloads).toEqual(numbers);
});

test('reads no more from any connection when all together have too many, and takes turns afterwards', async () => {
  bench.sink.hold();
  const clients = await Promise.all([bench.connect(), bench.connect(), bench.connect(), bench.connect()]);
  for (const [index, client] of clients.entries()) {
    client.write(hello + 'abcd'.charAt(index).concat('\n').repeat(5));
    await soon(() => expect(bench.sink.messages).toHaveLength(Math.min(4 * (index + 1), settings.unansweredMax)));
  }
  await bench.read();
  bench.sink.release();
  await soon(() => expect(clients.map(({ answers }) => answers.length)).toEqual([6, 6, 6, 6]));
  expect(bench.payloads.toSorted().join('')).toBe('aaaaabbbbbcccccddddd');
});

test('a connection too many is refused in a sentence, and there is room when another one has ended', async () => {
  const [first] = await Promise.all([bench.connect(), bench.connect(), bench.connect(), bench.connect()]);
  const refused = await bench.connect();
  expect(await refused.ended()).toEqual(['ERR overloaded There are too many connections; come again later.']);
  await first?.end();
  const next = await bench.connect();
  next.write(`${hello}x\n`);
  expect(await next.end()).toEqual(['OK', receipt(0)]);
});

test('a connection without a first line ends in time', async () => {
  const client = await bench.connect();
  await soon(() => expect(bench.clock.sleeping).toBe(1));
  await bench.clock.advance(settings.firstLineMsMax);
  expect(await client.ended()).toEqual(['ERR request_timeout The first line did not arrive in time.']);
  expect(bench.hop.taken).toBe(0);
});

test('an idle connection ends in time; one that waits for receipts is not idle', async () => {
  bench.sink.hold();
  const client = await bench.connect();
  client.write(`${hello}x\n`);
  await soon(() => expect(bench.sink.messages).toHaveLength(1));
  await bench.clock.advance(settings.confirmMsMax - 1);
  expect(client.answers).toEqual(['OK']);
  bench.sink.release();
  await soon(() => expect(client.answers).toHaveLength(2));
  await bench.clock.advance(settings.idleMsMax - 1);
  client.write('y\n');
  await soon(() => expect(client.answers).toHaveLength(3));
  await bench.clock.advance(settings.idleMsMax);
  expect((await client.ended()).at(-1)).toBe('ERR request_timeout No line has come for a long time; connect again.');
});

test('a sender that does not hang up after the last answer is cut off', async () => {
  const client = await bench.connect({ hangsUp: false });
  client.write('hello\nhello\n');
  await soon(() => expect(client.answers).toHaveLength(1));
  await soon(() => expect(bench.clock.sleeping).toBe(3));
  await bench.clock.advance(1_999);
  expect(client.over).toBe(false);
  await bench.clock.advance(1);
  await soon(() => {
    client.write('hello\n');
    expect(client.over).toBe(true);
  });
});
test('a credential that was withdrawn ends the connection with the next line', async () => {
  const client = await bench.connect();
  client.write(`${hello}a\n`);
  await soon(() => expect(client.answers).toEqual(['OK', receipt(0)]));
  bench.authenticator.withdrawn = true;
  client.write('b\nc\n');
  const answers = await client.ended();
  expect(answers.slice(2)).toEqual([expect.stringMatching(/^ERR unauthenticated /)]);
  expect(bench.payloads).toEqual(['a']);
});

test('a connection with lines that were not read when the gateway stops is told to go to another one', async () => {
  bench.sink.hold();
  const client = await bench.connect();
  client.write(`${hello}${'a\n'.repeat(200_000)}`);
  await soon(() => expect(bench.sink.messages).toHaveLength(4));
  const stopped = bench.stop();
  bench.sink.release();
  const taken = [0, 1, 2, 3].map(receipt);
  const goodbye = 'ERR not_ready The gateway is stopping; connect to another one.';
  expect(await client.ended()).toEqual(['OK', ...taken, goodbye]);
  await stopped;
  expect(bench.sink.messages).toHaveLength(4);
});
