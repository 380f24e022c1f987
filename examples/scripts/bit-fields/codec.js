/**
 * Valve with two probes, 4 bytes; up and down on the ports 1 and 2.
 *
 *     status   1 byte    bit 0 open, bit 1 leak, bits 2 and 3 mode, bits 4 to 7 battery in steps of 0.1 V from 2.0 V
 *     probes   3 bytes   two numbers of 12 bits, big endian: pressure in hPa, level in mm
 *
 * Down, 2 bytes: bit 0 open, bits 2 and 3 mode, bits 4 to 15 of both bytes the level in mm to keep.
 */
const modes = ['off', 'manual', 'schedule', 'keep level'];

/** @type {Millrace.DecodeUplink} */
function decodeUplink({ bytes }) {
  if (bytes.length !== 4) return { errors: [`A frame has 4 bytes, not ${bytes.length}.`] };
  const [status, high, middle, low] = bytes;
  return {
    data: {
      valve: { open: (status & 0x01) !== 0, leak: (status & 0x02) !== 0, mode: modes[(status >> 2) & 0x03] },
      battery: (20 + (status >> 4)) / 10,
      pressure: (high << 4) | (middle >> 4),
      level: ((middle & 0x0f) << 8) | low,
    },
  };
}

/** @type {Millrace.EncodeDownlink<{ open?: boolean, mode: string, level?: number }>} */
function encodeDownlink({ data }) {
  const { open = false, mode, level = 0 } = data;
  const number = modes.indexOf(mode);
  if (number < 0) return { errors: [`mode is none of ${modes.join(', ')}.`] };
  if (!(level >= 0 && level <= 0xfff)) return { errors: ['level is not between 0 and 4095 mm.'] };
  const word = (level << 4) | (number << 2) | (open ? 1 : 0);
  return { fPort: 2, bytes: [word >> 8, word & 0xff] };
}
