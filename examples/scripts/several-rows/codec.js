/**
 * Logger that sends what it kept, oldest first; big endian.
 *
 *     first      u32    time of the first entry, Unix seconds
 *     interval   u16    seconds from entry to entry
 *     entries    i16    each 0.1 °C
 *
 * The sensor measures from -40 to 125 °C; what is beyond was a bad contact.
 *
 * @type {Millrace.DecodeUplink}
 */
function decodeUplink({ bytes }) {
  if (bytes.length < 8 || bytes.length % 2 !== 0) return { errors: [`${bytes.length} bytes hold no entries.`] };
  const view = new DataView(Uint8Array.from(bytes).buffer);
  const first = view.getUint32(0);
  const interval = view.getUint16(4);
  const data = [];
  for (let at = 6; at < bytes.length; at += 2) {
    const temperature = view.getInt16(at) / 10;
    const quality = temperature >= -40 && temperature <= 125 ? 'good' : 'bad';
    data.push({ time: first + (interval * (at - 6)) / 2, quality, values: { temperature } });
  }
  return { data };
}
