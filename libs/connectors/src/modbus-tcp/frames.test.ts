import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Answer, AnswerReader, dataOf, Refusal, type Request, requestFrame } from './frames.ts';

const asked: Request = { table: 'holding', address: 0x006b, count: 3 };

/** An answer as the standard writes it. */
function frameOf({ transaction, unitId, functionCode, body }: Answer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(transaction, 0);
  head.writeUInt16BE(body.length + 2, 4);
  head.writeUInt8(unitId, 6);
  head.writeUInt8(functionCode, 7);
  return Buffer.concat([head, body]);
}

const answers: fc.Arbitrary<Answer> = fc.record({
  transaction: fc.integer({ min: 0, max: 0xffff }),
  unitId: fc.integer({ min: 0, max: 255 }),
  functionCode: fc.integer({ min: 0, max: 255 }),
  body: fc.uint8Array({ minLength: 1, maxLength: 252 }).map((bytes) => Buffer.from(bytes)),
});

test('a request is the bytes of the standard (Application Protocol 1.1b3, 6.3, its example)', () => {
  expect(requestFrame(0x1501, 0xff, asked).toString('hex')).toBe('150100000006ff03006b0003');
  expect(requestFrame(1, 1, { table: 'coil', address: 19, count: 19 }).toString('hex')).toBe(
    '000100000006010100130013',
  );
});

test('however answers come in pieces, they are the same', () => {
  fc.assert(
    fc.property(fc.array(answers, { maxLength: 6 }), fc.array(fc.nat(1600), { maxLength: 12 }), (sent, cuts) => {
      const stream = Buffer.concat(sent.map(frameOf));
      const ends = [...cuts.filter((cut) => cut < stream.length).toSorted((a, b) => a - b), stream.length];
      const reader = new AnswerReader();
      const read = ends.flatMap((end, index) => reader.push(stream.subarray(ends[index - 1] ?? 0, end)));
      expect(read).toEqual(sent);
    }),
  );
});

test.each([
  ['another protocol', '000100010004010301aa'],
  ['no function', '0001000000020103'],
  ['a length beyond the standard', '0001000000ff0103'],
])('%s is no Modbus TCP', (_, hex) => {
  expect(() => new AnswerReader().push(Buffer.from(hex, 'hex'))).toThrow(
    expect.objectContaining({ code: 'machine_unavailable' }),
  );
});

const answer = (functionCode: number, hex: string, unitId = 1): Answer => ({
  transaction: 1,
  unitId,
  functionCode,
  body: Buffer.from(hex, 'hex'),
});

test('the data of an answer is what was asked for', () => {
  expect(dataOf(answer(3, '06022b00000064'), asked, 1).toString('hex')).toBe('022b00000064');
  expect(dataOf(answer(1, '03cd6b05'), { table: 'coil', address: 19, count: 19 }, 1).toString('hex')).toBe('cd6b05');
});

test.each([
  ['fewer registers', answer(3, '04022b0000')],
  ['a length that is not its own', answer(3, '06022b')],
  ['another function', answer(4, '06022b00000064')],
  ['another unit', answer(3, '06022b00000064', 2)],
  ["another unit's refusal", answer(0x83, '02', 2)],
])('an answer of %s is not believed', (_, wrong) => {
  expect(() => dataOf(wrong, asked, 1)).toThrow(expect.objectContaining({ code: 'machine_unavailable' }));
});

test.each([
  [1, 'illegal function', false],
  [2, 'illegal data address', true],
  [3, 'illegal data value', true],
  [11, 'gateway target device failed to respond', false],
  [99, 'an exception without a name', false],
])('refusal %i is %s', (exception, name, byAddress) => {
  const body = exception.toString(16).padStart(2, '0');
  const thrown = ((): unknown => {
    try {
      return dataOf(answer(0x83, body), asked, 1);
    } catch (error) {
      return error;
    }
  })();
  expect(thrown).toBeInstanceOf(Refusal);
  expect(thrown).toMatchObject({ code: 'machine_refused', retry: 'later', byAddress });
  expect((thrown as Error).message).toContain(`${exception} (${name}) for holding 107`);
});
