/**
 * Radio gateway of a building: what it heard since the last frame; big endian.
 *
 *     supply      u16    of the gateway itself, mV
 *     entries     7 bytes each:
 *       serial        u32    of the room sensor; its identification code is 8 hexadecimal digits
 *       temperature   i16    0.1 °C
 *       battery       u8     %; below 10 the sensor measures, and not well
 *
 * The room sensors are devices of the platform with this code, and this gateway is their gatewayUid.
 *
 * @type {Millrace.DecodeUplink}
 */
function decodeUplink({ bytes }) {
  if (bytes.length < 2 || (bytes.length - 2) % 7 !== 0) return { errors: [`${bytes.length} bytes hold no entries.`] };
  const view = new DataView(Uint8Array.from(bytes).buffer);
  /** @type {Millrace.Element[]} */
  const data = [{ values: { supply: view.getUint16(0) / 1000 } }];
  for (let at = 2; at < bytes.length; at += 7) {
    const battery = view.getUint8(at + 6);
    data.push({
      identificationCode: view.getUint32(at).toString(16).toUpperCase().padStart(8, '0'),
      quality: battery < 10 ? 'uncertain' : 'good',
      values: { temperature: view.getInt16(at + 4) / 10, battery },
    });
  }
  return { data };
}
