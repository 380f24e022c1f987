import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Line, LineSplitter, tooLong } from './line-splitter.ts';

const lineBytesMax = 6;

/** Bytes in which line ends are frequent. */
const streams = fc.array(fc.constantFrom(0x0a, 0x0d, 0x61, 0xff), { maxLength: 60 }).map((bytes) => Buffer.from(bytes));
const cuts = fc.array(fc.nat(60), { maxLength: 20 });

function linesOf(pieces: readonly Buffer[]): { lines: Line[]; unfinished: number } {
  const splitter = new LineSplitter(lineBytesMax);
  const lines: Line[] = [];
  for (const piece of pieces) {
    splitter.push(piece);
    for (let line = splitter.next(); line !== undefined; line = splitter.next())
      lines.push(line === tooLong ? line : Buffer.from(line));
    expect(splitter.unfinishedBytes).toBeLessThanOrEqual(lineBytesMax + 1);
  }
  return { lines, unfinished: splitter.unfinishedBytes };
}

function cutAt(stream: Buffer, positions: readonly number[]): Buffer[] {
  const ends = [...positions.filter((position) => position < stream.length).toSorted((a, b) => a - b), stream.length];
  return ends.map((end, index) => stream.subarray(ends[index - 1] ?? 0, end));
}

/** By the definition, in one piece. */
function expected(stream: Buffer): Line[] {
  const texts = stream.toString('latin1').split('\n');
  const last = texts.pop() ?? '';
  const lines = texts
    .map((text) => text.replace(/\r$/, ''))
    .map((text) => (text.length > lineBytesMax ? tooLong : Buffer.from(text, 'latin1')));
  return last.length > lineBytesMax + 1 ? [...lines, tooLong] : lines;
}

test('however a stream comes in pieces, its lines are the same', () => {
  fc.assert(
    fc.property(streams, cuts, (stream, positions) => {
      expect(linesOf(cutAt(stream, positions)).lines).toEqual(expected(stream));
    }),
    { numRuns: 2000 },
  );
});

test('byte by byte, the largest line is whole and one byte more is too long', () => {
  const bytes = (text: string): Buffer[] => text.split('').map((character) => Buffer.from(character));
  expect(linesOf(bytes('123456\r\n')).lines).toEqual([Buffer.from('123456')]);
  expect(linesOf(bytes('1234567\n8\n')).lines).toEqual([tooLong, Buffer.from('8')]);
});

test('a line that is skipped comes no more, and the next one does', () => {
  const splitter = new LineSplitter(lineBytesMax);
  splitter.push(Buffer.from('abc'));
  expect(splitter.next()).toBeUndefined();
  expect(splitter.unfinishedBytes).toBe(3);
  splitter.skip();
  expect(splitter.unfinishedBytes).toBe(0);
  splitter.push(Buffer.from('def\nnext\n'));
  expect(String(splitter.next())).toBe('next');
});

test('the limit may change between lines', () => {
  const splitter = new LineSplitter(2);
  splitter.push(Buffer.from('ab\nabcdef\n'));
  expect(String(splitter.next())).toBe('ab');
  splitter.lineBytesMax = 6;
  expect(String(splitter.next())).toBe('abcdef');
});
