/**
 * Energy meter behind a bridge that passes on what it reads: an answer of Modbus RTU to function 3, registers 0 to 9.
 *
 *     unit | 3 | count of bytes | registers, big endian | CRC-16, low byte first
 *
 * Two registers are a number of 32 bits, the first is the high one. The current is measured behind a transformer, whose ratio is an
 * attribute of the device.
 */
const registers = [
  { name: 'voltage', at: 0, type: 'u16', scale: 0.1 },
  { name: 'current', at: 1, type: 'u16', scale: 0.001, transformed: true },
  { name: 'power', at: 2, type: 'i32', scale: 1, transformed: true },
  { name: 'energy', at: 4, type: 'u32', scale: 0.01 },
  { name: 'frequency', at: 6, type: 'f32', scale: 1 },
  { name: 'temperature', at: 8, type: 'i16', scale: 0.1 },
  { name: 'alarms', at: 9, type: 'u16', scale: 1 },
];

const readers = {
  u16: (view, at) => view.getUint16(at),
  i16: (view, at) => view.getInt16(at),
  u32: (view, at) => view.getUint32(at),
  i32: (view, at) => view.getInt32(at),
  f32: (view, at) => view.getFloat32(at),
};

/** @type {Millrace.DecodeUplink} */
function decodeUplink({ bytes, variables }) {
  if (bytes[1] & 0x80) return { errors: [`The meter refused with code ${bytes[2]}.`] };
  if (bytes.length !== 25 || bytes[1] !== 3 || bytes[2] !== 20)
    return { errors: ['The frame is no answer with 10 registers.'] };
  if (crc16(bytes.slice(0, -2)) !== bytes[23] + bytes[24] * 256) return { errors: ['The checksum is wrong.'] };
  const view = new DataView(Uint8Array.from(bytes).buffer);
  const ratio = Number(variables.transformerRatio ?? 1);
  const data = {};
  for (const { name, at, type, scale, transformed } of registers)
    data[name] = rounded(readers[type](view, 3 + at * 2) * scale * (transformed ? ratio : 1));
  return { data };
}

/** 2301 * 0.1 is 230.10000000000002. */
function rounded(value) {
  return Math.round(value * 1e6) / 1e6;
}

/** Modbus over serial line, section 6.2.2. */
function crc16(bytes) {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}
