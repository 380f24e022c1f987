/**
 * Decentlab DL-TRS12, soil moisture, temperature and electrical conductivity. Port 1.
 *
 * Version (1, always 2) | device id (2) | flags (2): which sensors follow | flag 0: water content (2), temperature (2),
 * conductivity (2) | flag 1: battery (2). Big endian.
 */
const headBytes = 5;

function decodeUplink({ bytes }) {
  if (bytes.length < headBytes) return { errors: ['The frame is shorter than its head.'] };
  if (bytes[0] !== 2) return { errors: [`Protocol version ${bytes[0]} is not known.`] };
  const flags = u16(bytes, 3);
  const hasSoil = (flags & 1) !== 0;
  const hasBattery = (flags & 2) !== 0;
  if (bytes.length !== headBytes + (hasSoil ? 6 : 0) + (hasBattery ? 2 : 0))
    return { errors: ['The length of the frame is not what its flags say.'] };
  return {
    data: {
      device_id: u16(bytes, 1),
      ...(hasSoil && soil(bytes, headBytes)),
      ...(hasBattery && { battery_voltage: u16(bytes, bytes.length - 2) / 1000 }),
    },
  };
}

/** Formulas of the sensor's maker (METER TEROS 12), for mineral soil. */
function soil(bytes, at) {
  const raw = u16(bytes, at) / 10;
  const permittivityRoot = 0.000000002887 * raw ** 3 - 0.0000208 * raw ** 2 + 0.05276 * raw - 43.39;
  return {
    dielectric_permittivity: permittivityRoot ** 2,
    volumetric_water_content: raw * 0.0003879 - 0.6956,
    soil_temperature: (u16(bytes, at + 2) - 32768) / 10,
    electrical_conductivity: u16(bytes, at + 4),
  };
}

function u16(bytes, at) {
  return bytes[at] * 0x100 + bytes[at + 1];
}
