/** What scripts get for Node's Buffer gives what the real one gives. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText, assertSame, nearUtf8, outcome, OurBuffer, textOf } from './testing/shims.ts';

const encodings = ['utf8', 'hex', 'base64', 'base64url', 'latin1', 'binary', 'ascii', 'utf16le', 'UTF-8'] as const;
const payload = fc.uint8Array({ maxLength: 40 });

test.each(encodings)('bytes become %s and come back as in Node', (name) => {
  const encoding = name as BufferEncoding;
  const position = fc.integer({ min: -2, max: 9 });
  const text = (of: typeof Buffer) => (input: readonly [Uint8Array, number, number]) => [
    of.from(input[0]).toString(encoding),
    of.from(input[0]).toString(encoding, input[1], input[2]),
  ];
  assertSame(fc.tuple(fc.oneof(payload, nearUtf8), position, position), text(OurBuffer), text(Buffer));
  const written = payload.map((bytes) => Buffer.from(bytes).toString(encoding));
  const bytes = (of: typeof Buffer) => (one: string) => [...of.from(one, encoding), of.byteLength(one, encoding)];
  assertSame(written, bytes(OurBuffer), bytes(Buffer));
});

test('text with mistakes is read as in Node', () => {
  const read = (of: typeof Buffer, encoding: BufferEncoding) => (one: string) => [...of.from(one, encoding)];
  assertSame(textOf('0123abcDEFx'), read(OurBuffer, 'hex'), read(Buffer, 'hex'));
  assertSame(textOf('Aa0+/-_ \n='), read(OurBuffer, 'base64'), read(Buffer, 'base64'));
  assertSame(anyText, read(OurBuffer, 'utf8'), read(Buffer, 'utf8'));
  expect(() => OurBuffer.from('a', 'rot13' as never)).toThrow('Unknown encoding: rot13');
});

const ends = (kinds: readonly string[]) => kinds.flatMap((kind) => [`${kind}LE`, `${kind}BE`]);
const wholeNumbers = ['Int16', 'UInt16', 'Uint16', 'Int32', 'UInt32', 'Uint32', 'BigInt64', 'BigUInt64', 'BigUint64'];
const numberKinds = ['Int8', 'UInt8', 'Uint8'].concat(ends(wholeNumbers), ends(['Float', 'Double']));
const edges = fc.constantFrom(0, -1, 127, 128, 255, 256, 32_767, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1, 2 ** 32);
const fractions = fc.oneof(fc.constantFrom(1.5, -0.5), fc.double({ noNaN: true }));
const offsets = fc.integer({ min: -1, max: 12 });

/** What the calls of methods give, one after the other, and the bytes at the end. */
function called(of: typeof Buffer, bytes: Uint8Array, ...calls: readonly [string, ...unknown[]][]): unknown {
  const buffer = of.from(bytes) as unknown as Record<string, (...args: unknown[]) => unknown> & Uint8Array;
  return [...calls.map(([method, ...args]) => outcome(() => buffer[method]!(...args))), ...buffer];
}

test.each(numberKinds)('%s is read and written as in Node, and refused as there', (kind) => {
  const value = kind.startsWith('Big')
    ? fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n })
    : fc.oneof(edges, fc.integer(), fractions);
  const use = (of: typeof Buffer) => (input: readonly [Uint8Array, number, number | bigint]) =>
    called(of, input[0], [`read${kind}`, input[1]], [`read${kind}`], [`write${kind}`, input[2], input[1]]);
  assertSame(fc.tuple(payload, offsets, value), use(OurBuffer), use(Buffer));
});

test.each(ends(['Int', 'UInt', 'Uint']))('%s of 1 to 6 bytes is read and written as in Node', (kind) => {
  const value = fc.oneof(edges, fc.integer({ min: -(2 ** 47), max: 2 ** 48 }));
  const use = (of: typeof Buffer) => (input: readonly [Uint8Array, number, number, number]) =>
    called(of, input[0], [`read${kind}`, input[1], input[2]], [`write${kind}`, input[3], input[1], input[2]]);
  assertSame(fc.tuple(payload, offsets, fc.integer({ min: 0, max: 7 }), value), use(OurBuffer), use(Buffer));
});

test.each<[string, (of: typeof Buffer) => unknown]>([
  ['alloc', (of) => [...of.alloc(3), ...of.alloc(4, 7), ...of.alloc(5, 'ab'), ...of.alloc(2, 0x1ff)]],
  ['from of arrays', (of) => [...of.from([1, 256, -1, 2.7]), ...of.from({ length: 2, 0: 5, 1: 6 })]],
  ['from of what JSON kept', (of) => [...of.from(JSON.parse(JSON.stringify(of.from('hey'))) as Buffer)]],
  ['JSON', (of) => JSON.stringify({ a: of.from('hi') })],
  [
    'from of an ArrayBuffer, whose memory it shares,',
    (of) => {
      const memory = Uint8Array.of(1, 2, 3, 4);
      of.from(memory.buffer, 1, 2)[0] = 9;
      return [...memory];
    },
  ],
  [
    'slice, which shares memory,',
    (of) => {
      const whole = of.from('abcdef');
      const part = whole.slice(1, 3);
      part[0] = 0x7a;
      return [String(whole), String(whole.slice(-2)), String(whole.subarray(1, -1)), of.isBuffer(part)];
    },
  ],
  [
    'concat',
    (of) => {
      const parts = ['abc', 'd'].map((part) => of.from(part));
      return [of.concat(parts), of.concat(parts, 2), of.concat(parts, 6)].map((whole) => whole.toString('hex'));
    },
  ],
  [
    'copy',
    (of) => {
      const target = of.from('......');
      return [of.from('abcd').copy(target, 4), of.from('xyz').copy(target, 0, 1), String(target)];
    },
  ],
  [
    'compare',
    (of) => {
      const [one, other] = [of.from('a'), of.from('b')];
      return [of.compare(one, other), other.compare(one), one.equals(of.from('a')), of.compare(one, of.from('ab'))];
    },
  ],
  [
    'indexOf',
    (of) => {
      const text = of.from('abcabc');
      const found = [text.indexOf('c', 3), text.indexOf(0x62), text.indexOf(of.from('x')), text.indexOf('a', -3)];
      return [found, text.includes('bc'), text.includes('6263', 0, 'hex')];
    },
  ],
  [
    'write',
    (of) => {
      const into = of.alloc(6);
      const written = [into.write('héllo', 2), into.write('6162', 0, 'hex'), into.write('zzz', 1, 2)];
      return [written, into.write('q', 'latin1'), into.toString('hex')];
    },
  ],
  [
    'fill',
    (of) => {
      const filled = [of.alloc(4).fill('ab', 1), of.alloc(3).fill(9, 1, 2), of.alloc(3).fill('ff', 'hex')];
      return filled.map((one) => one.toString('hex'));
    },
  ],
  [
    'sort, map and reverse',
    (of) => [
      ...of
        .from([3, 1, 2])
        .sort()
        .map((byte) => byte * 2),
      ...of.from([1, 2]).reverse(),
    ],
  ],
  ['isBuffer', (of) => [of.isBuffer(of.from('')), of.isBuffer(new Uint8Array(1))]],
  ['isEncoding', (of) => [of.isEncoding('HEX'), of.isEncoding('x')]],
])('%s is as in Node', (_name, use) => {
  expect(use(OurBuffer)).toEqual(use(Buffer));
});

test('older codecs make one with new', () => {
  // oxlint-disable-next-line unicorn/no-new-buffer -- that is what they do
  const made = [new OurBuffer([1, 2]), new OurBuffer('6162', 'hex'), new OurBuffer(2)];
  expect(made.map((one) => one.toString('hex'))).toEqual(['0102', '6162', '0000']);
});
