import { expect, test } from 'vitest';
import { lht65nFrame } from './frames/dragino-lht65n.ts';
import { ersFrame } from './frames/elsys-ers.ts';
import { em300ThFrame } from './frames/milesight-em300-th.ts';
import { driftingDevice, uplinkOf } from './machines.ts';
import { emptyTables, press } from './plc.ts';

test("a Dragino LHT65N frame is the user manual's example", () => {
  const frame = lht65nFrame({ batteryMv: 3062, temperatureC: 28.29, humidityPercent: 88.6, probeC: 27.81 });
  expect(frame.toString('hex')).toBe('cbf60b0d0376010add7fff');
});

test("a Milesight EM300-TH frame is the user guide's example", () => {
  const frame = em300ThFrame({ batteryPercent: 92, temperatureC: 30.8, humidityPercent: 50.5 });
  expect(frame.toString('hex')).toBe('01755c03673401046865');
});

test("an Elsys ERS frame carries the payload document's fields", () => {
  const frame = ersFrame({ temperatureC: 22.6, humidityPercent: 41, lightLux: 39, motionCount: 6, batteryMv: 3426 });
  expect(frame.toString('hex')).toBe('0100e2022904002705060 70d62'.replaceAll(' ', ''));
});

test('the drifting rack passes both grades of its rule, the others stay below', () => {
  const temperature = (uid: string, timeS: number): number =>
    uplinkOf('milesight-em300-th', uid, 2, timeS).frame.readInt16LE(5) / 10;
  expect(temperature(driftingDevice, 0)).toBeLessThan(6);
  expect(temperature(driftingDevice, 120)).toBeGreaterThan(8);
  for (let timeS = 0; timeS < 400; timeS += 1) expect(temperature('cold-store-01', timeS)).toBeLessThan(6);
});

test('the press tells its speed with the low word first, and a sheet break every two minutes', () => {
  const tables = emptyTables();
  press(tables, 0);
  expect(Buffer.concat([tables.holding.subarray(2, 4), tables.holding.subarray(0, 2)]).readFloatBE()).toBe(900);
  expect([tables.coils[0], tables.discrete[0]]).toEqual([1, 0]);
  press(tables, 117);
  expect(tables.discrete[0]).toBe(1);
});
