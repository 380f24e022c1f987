/** Uplink of a Dragino LHT65N, port 2, external temperature probe E3: 11 bytes, big endian (vendor's user manual, 2.4). */

export interface Lht65nReading {
  readonly batteryMv: number;
  readonly temperatureC: number;
  readonly humidityPercent: number;
  readonly probeC: number;
}

const batteryGood = 0b11 << 14;
const probeE3 = 0x01;
const unused = 0x7fff;

export function lht65nFrame({ batteryMv, temperatureC, humidityPercent, probeC }: Lht65nReading): Buffer {
  const frame = Buffer.alloc(11);
  frame.writeUInt16BE(batteryGood | batteryMv, 0);
  frame.writeInt16BE(Math.round(temperatureC * 100), 2);
  frame.writeUInt16BE(Math.round(humidityPercent * 10), 4);
  frame.writeUInt8(probeE3, 6);
  frame.writeInt16BE(Math.round(probeC * 100), 7);
  frame.writeUInt16BE(unused, 9);
  return frame;
}
