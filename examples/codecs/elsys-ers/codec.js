/**
 * Elsys ERS family, room sensors (ERS, ERS CO2, ERS Sound, ERS Eye). Port 5.
 *
 * A frame is a sequence of type (1 byte) and value; the type decides how long the value is. Big endian.
 */
const types = {
  0x01: { length: 2, read: (bytes, at) => ({ temperature: i16(bytes, at) / 10 }) },
  0x02: { length: 1, read: (bytes, at) => ({ humidity: bytes[at] }) },
  0x04: { length: 2, read: (bytes, at) => ({ light: u16(bytes, at) }) },
  0x05: { length: 1, read: (bytes, at) => ({ motion: bytes[at] }) },
  0x06: { length: 2, read: (bytes, at) => ({ co2: u16(bytes, at) }) },
  0x07: { length: 2, read: (bytes, at) => ({ vdd: u16(bytes, at) }) },
  0x10: {
    length: 4,
    read: (bytes, at) => ({
      irInternalTemperature: i16(bytes, at) / 10,
      irExternalTemperature: i16(bytes, at + 2) / 10,
    }),
  },
  0x11: { length: 1, read: (bytes, at) => ({ occupancy: bytes[at] }) },
  0x15: { length: 2, read: (bytes, at) => ({ soundPeak: bytes[at], soundAverage: bytes[at + 1] }) },
};

function decodeUplink({ bytes, fPort }) {
  if (fPort !== 5) return { errors: [`Port ${fPort} carries no measurements.`] };
  const data = {};
  for (let at = 0; at < bytes.length;) {
    const type = types[bytes[at]];
    // Without its length there is no way to find the next value.
    if (!type) return { data, warnings: [`Type ${hex(bytes[at])} is not known; the rest was left out.`] };
    if (at + 1 + type.length > bytes.length) return { errors: [`The value of type ${hex(bytes[at])} is cut off.`] };
    Object.assign(data, type.read(bytes, at + 1));
    at += 1 + type.length;
  }
  return { data };
}

function hex(byte) {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}

function u16(bytes, at) {
  return bytes[at] * 0x100 + bytes[at + 1];
}

function i16(bytes, at) {
  return (u16(bytes, at) << 16) >> 16;
}
