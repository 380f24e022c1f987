/**
 * Any device that sends one CBOR map (RFC 8949): the values keep their names and nesting. Lengths that are not known at the start
 * ("indefinite") and integers beyond 2^53 are refused; bytes become hexadecimal text, and tags are left out.
 *
 * @type {Millrace.DecodeUplink}
 */
function decodeUplink({ bytes }) {
  const reader = { frame: Buffer.from(bytes), at: 0 };
  const data = item(reader);
  if (reader.at !== bytes.length) return { errors: ['Something follows the map.'] };
  return { data };
}

function item(reader) {
  const [head] = take(reader, 1);
  const kind = head >> 5;
  if (kind === 7) return simple(reader, head & 0x1f);
  const number = argument(reader, head & 0x1f);
  if (kind === 0) return number;
  if (kind === 1) return -1 - number;
  if (kind === 2) return take(reader, number).toString('hex');
  if (kind === 3) return take(reader, number).toString('utf8');
  if (kind === 4) return Array.from(counted(number), () => item(reader));
  if (kind === 5) return Object.fromEntries(Array.from(counted(number), () => [item(reader), item(reader)]));
  return item(reader);
}

const lengths = { 24: 1, 25: 2, 26: 4, 27: 8 };

function argument(reader, short) {
  if (short < 24) return short;
  const bytes = take(reader, lengths[short] ?? refuse(`a length of kind ${short}`));
  const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return Number.isSafeInteger(number) ? number : refuse('an integer beyond 2^53');
}

const constants = { 20: false, 21: true, 22: null, 23: null };

function simple(reader, short) {
  if (short in constants) return constants[short];
  const { buffer, byteOffset } = take(reader, lengths[short] ?? refuse(`a simple value of kind ${short}`));
  const view = new DataView(buffer, byteOffset);
  if (short === 25) return view.getFloat16(0);
  if (short === 26) return view.getFloat32(0);
  return short === 27 ? view.getFloat64(0) : refuse('a simple value of one byte');
}

/** `subarray` beyond the end is short, not an error: a frame that was cut is one here. */
function take(reader, count) {
  const taken = reader.frame.subarray(reader.at, reader.at + count);
  if (taken.length < count) refuse('fewer bytes than it says');
  reader.at += count;
  return taken;
}

/** What has this many elements; a damaged length must not become a giant array. */
function counted(length) {
  return length <= 1000 ? { length } : refuse(`${length} elements`);
}

/** @returns {never} */
function refuse(what) {
  throw new Error(`The frame has ${what}.`);
}
