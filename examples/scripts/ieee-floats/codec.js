/**
 * Vibration sensor, 20 bytes of IEEE 754 numbers.
 *
 *     rms           f32, big endian
 *     peak          f32, little endian
 *     runtime       f64, big endian, hours
 *     temperature   f32 in two words of 16 bits, the low word first, as many PLCs have it
 *
 * A probe that is missing sends NaN: the platform stores null, with a warning.
 *
 * @type {Millrace.DecodeUplink}
 */
function decodeUplink({ bytes }) {
  if (bytes.length !== 20) return { errors: [`A frame has 20 bytes, not ${bytes.length}.`] };
  const view = new DataView(Uint8Array.from(bytes).buffer);
  const swapped = new DataView(Uint8Array.of(bytes[18], bytes[19], bytes[16], bytes[17]).buffer);
  return {
    data: {
      rms: view.getFloat32(0),
      peak: view.getFloat32(4, true),
      runtime: view.getFloat64(8),
      temperature: swapped.getFloat32(0),
    },
  };
}
