/**
 * Water meter, 9 bytes.
 *
 *     volume   u32, big endian      litres
 *     flow     u16, little endian   0.1 l/h
 *     uptime   u24, big endian      seconds
 *
 * @type {Millrace.DecodeUplink}
 */
function decodeUplink({ bytes }) {
  if (bytes.length !== 9) return { errors: [`A frame has 9 bytes, not ${bytes.length}.`] };
  return {
    data: { volume: bigEndian(bytes, 0, 4), flow: littleEndian(bytes, 4, 2) / 10, uptime: bigEndian(bytes, 6, 3) },
  };
}

// Not `<<`: it makes signed numbers of 32 bits.
function bigEndian(bytes, at, length) {
  let value = 0;
  for (let index = 0; index < length; index += 1) value = value * 256 + bytes[at + index];
  return value;
}

function littleEndian(bytes, at, length) {
  let value = 0;
  for (let index = length - 1; index >= 0; index -= 1) value = value * 256 + bytes[at + index];
  return value;
}
