import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameSplitter } from './frame-splitter.ts';

function framed(body: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length);
  return Buffer.concat([head, body]);
}

test('frames come out whole and in order, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 })),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (bodies, cuts) => {
        const stream = Buffer.concat(bodies.map(framed));
        const splitter = new FrameSplitter(40);
        const frames: Buffer[] = [];
        for (let from = 0, turn = 0; from < stream.length; turn += 1) {
          const until = from + cuts[turn % cuts.length]!;
          frames.push(...splitter.push(stream.subarray(from, until)));
          from = until;
        }
        expect(frames.map((frame) => [...frame])).toEqual(bodies.map((body) => [...body]));
      },
    ),
  );
});

test('a frame longer than allowed is refused by its length alone', () => {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(41);
  expect(() => new FrameSplitter(40).push(head)).toThrow(RangeError);
});
