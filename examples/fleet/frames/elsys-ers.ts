/** Uplink of an Elsys ERS, port 5: type and value, big endian (vendor's "Elsys payload" document). */

export interface ErsReading {
  readonly temperatureC: number;
  readonly humidityPercent: number;
  readonly lightLux: number;
  readonly motionCount: number;
  readonly batteryMv: number;
}

export function ersFrame({ temperatureC, humidityPercent, lightLux, motionCount, batteryMv }: ErsReading): Buffer {
  const frame = Buffer.alloc(13);
  frame.writeUInt8(0x01, 0);
  frame.writeInt16BE(Math.round(temperatureC * 10), 1);
  frame.set([0x02, Math.round(humidityPercent)], 3);
  frame.writeUInt8(0x04, 5);
  frame.writeUInt16BE(Math.round(lightLux), 6);
  frame.set([0x05, motionCount], 8);
  frame.writeUInt8(0x07, 10);
  frame.writeUInt16BE(batteryMv, 11);
  return frame;
}
