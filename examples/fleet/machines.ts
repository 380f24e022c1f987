/** What the demo machines measure: smooth physics-like curves of time, one of them drifting into alarm. */
import { ersFrame } from './frames/elsys-ers.ts';
import { lht65nFrame } from './frames/dragino-lht65n.ts';
import { em300ThFrame } from './frames/milesight-em300-th.ts';

export interface Uplink {
  readonly fPort: number;
  readonly frame: Buffer;
}

/** The rack whose door does not close: it warms by 1 °C in 10 s, to 9.5 °C, is repaired after 3 minutes, and again. */
export const driftingDevice = 'cold-store-03';

const driftPeriodS = 180;
const driftStartsS = 20;
const driftCPerS = 0.1;

/** The frame that device number `index` of a product sends at `timeS` (seconds since the fleet started). */
export function uplinkOf(productId: string, deviceUid: string, index: number, timeS: number): Uplink {
  switch (productId) {
    case 'dragino-lht65n':
      return { fPort: 2, frame: lht65nFrame(dryer(index, timeS)) };
    case 'elsys-ers':
      return { fPort: 5, frame: ersFrame(room(index, timeS)) };
    case 'milesight-em300-th':
      return { fPort: 85, frame: em300ThFrame(rack(index, timeS, deviceUid === driftingDevice)) };
    default:
      throw new Error(`The fleet has no machine for product ${productId}.`);
  }
}

const wave = (timeS: number, periodS: number, phase: number): number =>
  Math.sin((2 * Math.PI * timeS) / periodS + phase);

const dryer = (index: number, timeS: number) => ({
  batteryMv: 3062 - (index % 7),
  temperatureC: 52 + 3 * wave(timeS, 90, index),
  humidityPercent: 61 + 6 * wave(timeS, 120, index * 2),
  probeC: 74 + 2 * wave(timeS, 60, index),
});

const room = (index: number, timeS: number) => ({
  temperatureC: 22 + wave(timeS, 300, index),
  humidityPercent: 41 + 4 * wave(timeS, 240, index),
  lightLux: 320 + 120 * wave(timeS, 180, index),
  motionCount: Math.max(0, Math.round(3 * wave(timeS, 45, index))),
  batteryMv: 3600,
});

const rack = (index: number, timeS: number, drifting: boolean) => ({
  batteryPercent: 92 - (index % 5),
  temperatureC: 4 + 0.6 * wave(timeS, 150, index) + (drifting ? driftC(timeS % driftPeriodS) : 0),
  humidityPercent: 74 + 5 * wave(timeS, 200, index),
});

const driftC = (timeS: number): number => Math.min(5.5, Math.max(0, (timeS - driftStartsS) * driftCPerS));
