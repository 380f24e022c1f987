/**
 * Power meter that sends lines of text, as instruments with NMEA 0183 do:
 *
 *     $PWR,<voltage>,<current>,<state>*<checksum>
 *
 * The checksum is the exclusive or of all bytes between $ and *, two hexadecimal digits. A field without a value is empty.
 */
const line = /^\$(PWR,([^,*]*),([^,*]*),([^,*]*))\*([0-9A-F]{2})\r?\n?$/;

/** @type {Millrace.DecodeUplink} */
function decodeUplink({ bytes }) {
  const [, body, voltage, current, state, checksum] = line.exec(String.fromCharCode(...bytes)) ?? [];
  if (body === undefined) return { errors: ['The frame is no PWR line.'] };
  let sum = 0;
  for (const byte of bytes.slice(1, bytes.indexOf(0x2a))) sum ^= byte;
  if (sum !== parseInt(checksum, 16))
    return { errors: [`The checksum is ${checksum}, and the line has ${sum.toString(16)}.`] };
  return { data: { ...measured('voltage', voltage), ...measured('current', current), state } };
}

function measured(name, text) {
  return text === '' ? {} : { [name]: Number(text) };
}
