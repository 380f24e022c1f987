// The script of the load's product: see messages.ts.
function decodeUplink(input) {
  const b = input.bytes;
  const u16 = (at) => (b[at] << 8) | b[at + 1];
  const i16 = (at) => (u16(at) << 16) >> 16;
  const number = u16(0) * 2 ** 32 + u16(2) * 2 ** 16 + u16(4);
  return { data: { number, temperature: i16(6) / 100, humidity: i16(8) / 10 } };
}
