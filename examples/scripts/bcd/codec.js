/**
 * Heat meter, 11 bytes of binary coded decimals: each half of a byte is a digit.
 *
 *     clock    6 bytes    year, month, day, hour, minute, second, UTC
 *     serial   3 bytes    six digits, the first is the highest
 *     energy   2 bytes    kWh, the last byte is the highest, as M-Bus has it
 *
 * @type {Millrace.DecodeUplink}
 */
function decodeUplink({ bytes }) {
  if (bytes.length !== 11) return { errors: [`A frame has 11 bytes, not ${bytes.length}.`] };
  if (bytes.some((byte) => byte >> 4 > 9 || (byte & 0x0f) > 9)) return { errors: ['A digit is no decimal one.'] };
  const [year, month, day, hour, minute, second] = bytes.map(digits);
  return {
    // The platform checks that there is such a time.
    time: `20${year}-${month}-${day}T${hour}:${minute}:${second}Z`,
    data: {
      serial: bytes.slice(6, 9).map(digits).join(''),
      energy: Number(bytes.slice(9, 11).reverse().map(digits).join('')),
    },
  };
}

/** 0x42 is '42': the digits of a decimal byte are those of its hexadecimal form. */
function digits(byte) {
  return byte.toString(16).padStart(2, '0');
}
