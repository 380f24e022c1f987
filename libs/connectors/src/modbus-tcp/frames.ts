/**
 * Frames of Modbus TCP, reading only. A header of seven bytes (transaction, protocol 0, length of what follows, unit), then
 *
 *     request:   function, address, count
 *     answer:    function, length of the data in bytes, data
 *     refusal:   function + 0x80, exception
 */
import { MillraceError } from '@millrace/contracts';
import type { Block, Table } from './register-map.ts';

const headerBytes = 7;
/** Length of the field `length`: unit, function and at least one byte, and no more than the standard's 254. */
const lengthMin = 3;
const lengthMax = 254;
const refusalFlag = 0x80;

const functions: Readonly<Record<Table, number>> = { coil: 1, discrete: 2, holding: 3, input: 4 };

const exceptions: Readonly<Record<number, string>> = {
  1: 'illegal function',
  2: 'illegal data address',
  3: 'illegal data value',
  4: 'server device failure',
  5: 'acknowledge',
  6: 'server device busy',
  8: 'memory parity error',
  10: 'gateway path unavailable',
  11: 'gateway target device failed to respond',
};

/** Refusals that may be due to one register of several. */
const addressExceptions: readonly number[] = [2, 3];

export type Request = Pick<Block, 'table' | 'address' | 'count'>;

export interface Answer {
  readonly transaction: number;
  readonly unitId: number;
  readonly functionCode: number;
  /** Behind the function. */
  readonly body: Buffer;
}

/** The machine said no. */
export class Refusal extends MillraceError {
  /** Asking for fewer addresses may help. */
  readonly byAddress: boolean;

  constructor(exception: number, { table, address, count }: Request) {
    const reason = exceptions[exception] ?? 'an exception without a name';
    super('machine_refused', `It answers ${exception} (${reason}) for ${table} ${address}, ${count} of them.`);
    this.byAddress = addressExceptions.includes(exception);
  }
}

export function requestFrame(transaction: number, unitId: number, { table, address, count }: Request): Buffer {
  const frame = Buffer.alloc(headerBytes + 5);
  frame.writeUInt16BE(transaction, 0);
  frame.writeUInt16BE(6, 4);
  frame.writeUInt8(unitId, 6);
  frame.writeUInt8(functions[table], 7);
  frame.writeUInt16BE(address, 8);
  frame.writeUInt16BE(count, 10);
  return frame;
}

/** The data that was asked for. Throws a `Refusal`, or `machine_unavailable` for an answer to something else. */
export function dataOf({ unitId, functionCode, body }: Answer, asked: Request, askedUnitId: number): Buffer {
  const expected = functions[asked.table];
  if (unitId === askedUnitId && functionCode === (expected | refusalFlag)) throw new Refusal(body[0] ?? 0, asked);
  const isBits = asked.table === 'coil' || asked.table === 'discrete';
  const bytes = isBits ? Math.ceil(asked.count / 8) : asked.count * 2;
  if (unitId === askedUnitId && functionCode === expected && body[0] === bytes && body.length === bytes + 1)
    return body.subarray(1);
  throw noModbus('it answers something else than it was asked');
}

/** Puts answers together, however they come in pieces. */
export class AnswerReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** The answers that are whole now. Throws `machine_unavailable` for what is not Modbus TCP. */
  push(bytes: Buffer): Answer[] {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    const answers: Answer[] = [];
    while (this.#bytes.length >= headerBytes) {
      const length = this.#bytes.readUInt16BE(4);
      if (this.#bytes.readUInt16BE(2) !== 0 || length < lengthMin || length > lengthMax)
        throw noModbus('its bytes are no Modbus TCP');
      const end = headerBytes - 1 + length;
      if (this.#bytes.length < end) break;
      answers.push({
        transaction: this.#bytes.readUInt16BE(0),
        unitId: this.#bytes.readUInt8(6),
        functionCode: this.#bytes.readUInt8(7),
        body: this.#bytes.subarray(headerBytes + 1, end),
      });
      this.#bytes = this.#bytes.subarray(end);
    }
    return answers;
  }
}

function noModbus(what: string): MillraceError {
  return new MillraceError('machine_unavailable', `Check the address and the unit of the machine: ${what}.`);
}
