/**
 * Cold store sensor, 7 bytes.
 *
 *     air        i16, big endian       0.1 °C
 *     surface    i8                    0.5 °C
 *     pressure   i24, little endian    Pa, against the room
 *     drift      sign and magnitude    the highest bit is the sign, 0.01 °C
 *
 * @type {Millrace.DecodeUplink}
 */
function decodeUplink({ bytes }) {
  if (bytes.length !== 7) return { errors: [`A frame has 7 bytes, not ${bytes.length}.`] };
  return {
    data: {
      air: signed(bytes[0] * 256 + bytes[1], 16) / 10,
      surface: signed(bytes[2], 8) / 2,
      pressure: signed(bytes[3] + bytes[4] * 256 + bytes[5] * 65536, 24),
      drift: ((bytes[6] & 0x7f) * (bytes[6] & 0x80 ? -1 : 1)) / 100,
    },
  };
}

/** Two's complement: from half of the range on a number is negative. */
function signed(value, bits) {
  return value < 2 ** (bits - 1) ? value : value - 2 ** bits;
}
