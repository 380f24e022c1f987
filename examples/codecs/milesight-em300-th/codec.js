/**
 * Milesight EM300-TH, temperature and humidity. Port 85.
 *
 * A frame is a sequence of channel (1 byte), type (1 byte) and value; both together decide what the value is. Little endian.
 * Stored measurements (channel 0x20) carry their own Unix time. Channel 0xFF says what the device is, after it joined.
 */
const fields = {
  '01 75': { length: 1, read: (bytes, at) => ({ battery: bytes[at] }) },
  '03 67': { length: 2, read: (bytes, at) => ({ temperature: i16(bytes, at) / 10 }) },
  '04 68': { length: 1, read: (bytes, at) => ({ humidity: bytes[at] / 2 }) },
  'ff 01': { length: 1, read: (bytes, at) => ({ protocolVersion: bytes[at] }) },
  'ff 09': { length: 2, read: (bytes, at) => ({ hardwareVersion: `${bytes[at]}.${bytes[at + 1] >> 4}` }) },
  'ff 0a': { length: 2, read: (bytes, at) => ({ softwareVersion: `${bytes[at]}.${hex(bytes[at + 1])}` }) },
  'ff 0b': { length: 1, read: () => ({ poweredOn: true }) },
  'ff 0f': { length: 1, read: (bytes, at) => ({ deviceClass: 'ABC'[bytes[at]] ?? 'unknown' }) },
  'ff 16': {
    length: 8,
    read: (bytes, at) => ({
      serialNumber: bytes
        .slice(at, at + 8)
        .map(twoDigits)
        .join(''),
    }),
  },
};
const stored = '20 ce';
const storedLength = 7;

function decodeUplink({ bytes }) {
  const current = {};
  const history = [];
  for (let at = 0; at < bytes.length;) {
    const name = `${twoDigits(bytes[at])} ${twoDigits(bytes[at + 1] ?? 0)}`;
    const length = name === stored ? storedLength : fields[name]?.length;
    // Without its length there is no way to find the next value.
    if (length === undefined)
      return result(current, history, [`Channel and type ${name} are not known; the rest was left out.`]);
    if (at + 2 + length > bytes.length) return { errors: [`The value of ${name} is cut off.`] };
    if (name === stored) history.push(storedMeasurement(bytes, at + 2));
    else Object.assign(current, fields[name].read(bytes, at + 2));
    at += 2 + length;
  }
  return result(current, history, []);
}

function result(current, history, warnings) {
  if (history.length === 0) return { data: current, warnings };
  const now = Object.keys(current).length > 0 ? [{ values: current }] : [];
  return { data: [...now, ...history], warnings };
}

function storedMeasurement(bytes, at) {
  const time = u16(bytes, at) + u16(bytes, at + 2) * 0x10000;
  return { time, values: { temperature: i16(bytes, at + 4) / 10, humidity: bytes[at + 6] / 2 } };
}

function u16(bytes, at) {
  return bytes[at] + bytes[at + 1] * 0x100;
}

function i16(bytes, at) {
  return (u16(bytes, at) << 16) >> 16;
}

function hex(byte) {
  return byte.toString(16);
}

function twoDigits(byte) {
  return hex(byte).padStart(2, '0');
}
