/** What a sender hears of each line. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { reachedQuota } from '../gateway.suite.ts';
import { payloadBytesMax } from '../message-limits.ts';
import { hello, receipt, TcpBench } from '../testing/tcp-bench.ts';

let bench: TcpBench;

beforeEach(async () => {
  bench = await TcpBench.start();
});

afterEach(() => bench.close());

const soon = <T>(expectation: () => T): Promise<T> => vi.waitFor(expectation, { timeout: 5_000, interval: 5 });

test('pipelined lines are answered in their order, refused ones among them', async () => {
  const client = await bench.connect();
  client.write(`${hello}a\r\n\nb\nc\n`);
  expect(await client.end()).toEqual([
    'OK',
    receipt(0),
    'ERR empty_body Send the payload as a line.',
    receipt(1),
    receipt(2),
  ]);
  expect(bench.payloads).toEqual(['a', 'b', 'c']);
});

test('a refusal waits for the receipts of the lines before it', async () => {
  bench.sink.hold();
  const client = await bench.connect();
  client.write(`${hello}a\n\n`);
  await soon(() => expect(bench.hop.refused).toEqual({ empty_body: 1 }));
  await soon(() => expect(client.answers).toEqual(['OK']));
  bench.sink.release();
  await soon(() => expect(client.answers).toHaveLength(3));
  expect(client.answers[1]).toBe(receipt(0));
});

test('lines beyond the quota are refused one by one, with when to come again, and the connection stays', async () => {
  bench.sink.failure = reachedQuota;
  const client = await bench.connect();
  client.write(`${hello}a\nb\n`);
  await soon(() => expect(client.answers).toHaveLength(3));
  const refusal = 'ERR quota_exceeded The tenant may have 10 messages per second; send again in 3 s.';
  expect(client.answers).toEqual(['OK', refusal, refusal]);
  bench.sink.failure = undefined;
  client.write('c\n');
  expect(await client.end()).toEqual(['OK', refusal, refusal, receipt(0)]);
});

test('a line of JSON carries what a message of a batch does', async () => {
  const client = await bench.connect();
  const message = { id: 'a-1', time: '2026-03-01T12:30:00.5Z', contentType: 'text/csv', payload: 'MSwy' };
  client.write(`JSON acme-key\n${JSON.stringify({ device: 'd2', ...message })}\n{"device":"d1","json":{"t":1}}\n`);
  expect(await client.end()).toEqual(['OK', receipt(0), receipt(1)]);
  expect(bench.sink.messages[0]).toMatchObject({
    deviceUid: 'd2',
    senderId: 'a-1',
    timeMicros: Date.UTC(2026, 2, 1, 12, 30) * 1000 + 500_000,
    contentType: 'text/csv',
  });
  expect(bench.payloads).toEqual(['1,2', '{"t":1}']);
});

test.each([
  ['a key of the tenant with RAW', 'RAW acme-key\nx\n', ['OK', 'ERR not_allowed']],
  ['a key of the tenant without a device', 'JSON acme-key\n{"json":1}\n', ['OK', 'ERR invalid_field']],
  ['an empty payload', 'JSON acme-key\n{"device":"d1","payload":""}\n', ['OK', 'ERR empty_body']],
  ['a wrong time', 'JSON acme-key\n{"device":"d1","json":1,"time":"now"}\n', ['OK', 'ERR invalid_field']],
  ['an empty line of JSON', 'JSON acme-key\n\n', ['OK', 'ERR empty_body']],
  ['a first line without a known word', 'hello\nx\n', ['ERR malformed_request']],
  ['a first line with a word of JavaScript', 'constructor x\nx\n', ['ERR malformed_request']],
  ['an empty first line', '\nx\n', ['ERR malformed_request']],
  ['a first line that is too long', `RAW ${'x'.repeat(5000)}\nx\n`, ['ERR malformed_request']],
  ['a wrong password', 'RAW acme/d1:wrong\nx\n', ['ERR unauthenticated']],
  ['a last line without newline', `${hello}x`, ['OK', 'ERR malformed_body']],
  ['a first line without newline', 'RAW acme', ['ERR malformed_body']],
])('%s is refused, and counted', async (_, text, expected) => {
  const client = await bench.connect();
  client.write(text);
  const answers = await client.end();
  expect(answers.map((answer) => answer.split(' ').slice(0, 2).join(' '))).toEqual(expected);
  expect(answers.at(-1)).toMatch(/\.$/);
  expect(bench.sink.messages).toEqual([]);
  expect(bench.hop.taken).toBe(1);
  expect(Object.values(bench.hop.refused)).toEqual([1]);
});

test('a line that is too long is refused before it ends, and the next one is taken', async () => {
  const client = await bench.connect();
  client.write(hello);
  client.write('x'.repeat(payloadBytesMax + 2));
  await soon(() => expect(client.answers[1]).toMatch(/^ERR body_too_large /));
  client.write('x'.repeat(100_000));
  client.write('\nafterwards\n');
  await soon(() => expect(client.answers[2]).toBe(receipt(0)));
  expect(bench.payloads).toEqual(['afterwards']);
});

test('long lines of all connections together have a limit, and short ones go on', async () => {
  const [one, other] = [await bench.connect(), await bench.connect()];
  one.write(hello + 'x'.repeat(200_000));
  other.write(hello);
  await soon(() => expect(other.answers).toEqual(['OK']));
  await soon(async () => {
    other.write('y'.repeat(20_000));
    expect(other.answers[1]).toMatch(/^ERR overloaded /);
  });
  other.write('\nshort\n');
  await soon(() => expect(other.answers.at(-1)).toBe(receipt(0)));
  one.write('\n');
  await soon(() => expect(one.answers.at(-1)).toBe(receipt(1)));
});

test('a sender that goes away in the middle of a line is counted', async () => {
  const client = await bench.connect();
  client.write(`${hello}half`);
  await soon(() => expect(client.answers).toEqual(['OK']));
  client.destroy();
  await soon(() => expect(bench.hop).toMatchObject({ taken: 1, refused: { malformed_body: 1 } }));
});
