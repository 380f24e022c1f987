import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { LiveReader, type LivePiece, waitingBytesMax } from './live-reader.ts';

const pieceBytes = 1_024;
const piecesMax = waitingBytesMax / pieceBytes;

let clock: ManualClock;
let reader: LiveReader;
let pieces: AsyncGenerator<Uint8Array>;

beforeEach(() => {
  clock = new ManualClock();
  reader = new LiveReader(clock);
  pieces = reader.pieces();
});

const piece = (micros: number, bytes = pieceBytes): LivePiece => ({
  bytes: Buffer.alloc(bytes, `${micros}`),
  points: 2,
  alarms: 1,
  fromMicros: micros,
  toMicros: micros + 5,
});

async function take(): Promise<string> {
  const { value } = (await pieces.next()) as { value: Uint8Array };
  return Buffer.from(value).toString();
}

test('what waits has a bound; the rest is told by its counts and its time, in its place', async () => {
  for (let n = 0; n < piecesMax; n += 1) expect(reader.push(piece(n))).toBe(true);
  expect(reader.push(piece(2_000_000))).toBe(false);
  expect(reader.push(piece(1_000_000))).toBe(false);
  for (let n = 0; n < piecesMax; n += 1) await take();
  expect(await take()).toBe(
    'event: missed\ndata: {"reason":"slow","points":4,"alarms":2,' +
      '"from":"1970-01-01T00:00:01.000000Z","to":"1970-01-01T00:00:02.000005Z"}\n\n',
  );
  expect(reader.push(piece(7))).toBe(true);
  expect(await take()).toMatch(/^7+$/);
});

test('after a gap nothing is told before the gap is', async () => {
  for (let n = 0; n <= piecesMax; n += 1) reader.push(piece(n));
  await take();
  expect(reader.push(piece(0, 1))).toBe(false);
  for (let n = 1; n < piecesMax; n += 1) await take();
  expect(await take()).toContain('"points":4,"alarms":2,');
});

test('one piece that is larger than everything that may wait is given all the same', async () => {
  expect(reader.push(piece(1, 2 * waitingBytesMax))).toBe(true);
  expect(await take()).toHaveLength(2 * waitingBytesMax);
});

test('a silent stream beats, one with something to take does not', async () => {
  reader.beat();
  reader.beat();
  expect(await take()).toBe(': heartbeat\n\n');
  reader.push(piece(1));
  reader.beat();
  expect(await take()).toMatch(/^1+$/);
  const next = pieces.next();
  reader.beat();
  expect(Buffer.from((await next).value as Uint8Array).toString()).toBe(': heartbeat\n\n');
});

test('who takes nothing for a minute is stalled, who waits for something is not', async () => {
  const waiting = pieces.next();
  await clock.advance(120_000);
  expect(reader.isStalled).toBe(false);
  reader.push(piece(1));
  await waiting;
  await clock.advance(59_000);
  expect(reader.isStalled).toBe(false);
  await clock.advance(2_000);
  expect(reader.isStalled).toBe(true);
});

test('what waits is given before the end, and nothing after it', async () => {
  reader.push(piece(1));
  reader.end({ code: 'not_ready' });
  reader.push(piece(2));
  expect(await take()).toMatch(/^1+$/);
  expect(await take()).toBe('event: ended\ndata: {"code":"not_ready"}\n\n');
  expect((await pieces.next()).done).toBe(true);
});
