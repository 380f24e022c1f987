/**
 * Dragino LHT65N, temperature and humidity sensor with a socket for an external temperature probe (E3).
 *
 * Port 2, live:     battery (2: status in the upper two bits, mV below) | temperature (2) | humidity (2) | extension (1) | probe (2) | unused (2)
 * Port 2, ext. 9:   probe (2) | temperature (2) | battery status (upper two bits) and humidity (2) | extension (1) | Unix time (4)
 * Port 3, datalog:  entries of probe (2) | temperature (2) | humidity (2) | extension (1) | Unix time (4), oldest first
 *
 * Big endian; temperatures in 0.01 °C, humidity in 0.1 %. A probe of 0x7FFF is not connected.
 */
const entryBytes = 11;
const notConnected = 0x7fff;
const batteryStatuses = ['ultra low', 'low', 'ok', 'good'];
const probeWithTime = 9;
const probe = 1;

function decodeUplink({ bytes, fPort }) {
  if (fPort === 2 && bytes.length === entryBytes) return { data: live(bytes) };
  if (fPort === 3 && bytes.length > 0 && bytes.length % entryBytes === 0) return { data: datalog(bytes) };
  return { errors: [`Port ${fPort} with ${bytes.length} bytes is not known.`] };
}

function live(bytes) {
  const extension = bytes[6] & 0x0f;
  if (extension === probeWithTime) return [liveWithTime(bytes)];
  return {
    BatV: (u16(bytes, 0) & 0x3fff) / 1000,
    Bat_status: batteryStatuses[bytes[0] >> 6],
    TempC_SHT: i16(bytes, 2) / 100,
    Hum_SHT: u16(bytes, 4) / 10,
    ...(extension === probe && probeValue(bytes, 7)),
  };
}

function liveWithTime(bytes) {
  return {
    time: u32(bytes, 7),
    values: {
      Bat_status: batteryStatuses[bytes[4] >> 6],
      TempC_SHT: i16(bytes, 2) / 100,
      Hum_SHT: (u16(bytes, 4) & 0x0fff) / 10,
      ...probeValue(bytes, 0),
    },
  };
}

function datalog(bytes) {
  const entries = [];
  for (let from = 0; from < bytes.length; from += entryBytes) {
    const time = u32(bytes, from + 7);
    // The device fills a frame up with empty entries.
    if (time === 0) continue;
    const values = {
      TempC_SHT: i16(bytes, from + 2) / 100,
      Hum_SHT: (u16(bytes, from + 4) & 0x0fff) / 10,
      ...probeValue(bytes, from),
    };
    entries.push({ time, values });
  }
  return entries;
}

function probeValue(bytes, at) {
  return u16(bytes, at) === notConnected ? {} : { TempC_DS: i16(bytes, at) / 100 };
}

function u16(bytes, at) {
  return bytes[at] * 0x100 + bytes[at + 1];
}

function i16(bytes, at) {
  return (u16(bytes, at) << 16) >> 16;
}

function u32(bytes, at) {
  return u16(bytes, at) * 0x10000 + u16(bytes, at + 2);
}
