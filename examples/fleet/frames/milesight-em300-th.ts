/** Uplink of a Milesight EM300-TH, port 85: channel, type, value; little endian (vendor's user guide, "Uplink Packet"). */

export interface Em300ThReading {
  readonly batteryPercent: number;
  readonly temperatureC: number;
  readonly humidityPercent: number;
}

export function em300ThFrame({ batteryPercent, temperatureC, humidityPercent }: Em300ThReading): Buffer {
  const frame = Buffer.alloc(10);
  frame.set([0x01, 0x75, batteryPercent], 0);
  frame.set([0x03, 0x67], 3);
  frame.writeInt16LE(Math.round(temperatureC * 10), 5);
  frame.set([0x04, 0x68, Math.round(humidityPercent * 2)], 7);
  return frame;
}
