/** Reads what a statistic is made of: the points of its inputs in one window, device by device. */
import { type DeviceConfig, MillraceError, type StatisticConfig } from '@millrace/contracts';
import type { EvaluationInput, Series } from '@millrace/sandbox';
import type { Window } from '@millrace/statistics';
import { type Point, type WindowPoints, type WindowQuery, windowPointsMax } from '@millrace/timeseries';

export interface DeviceInput {
  readonly input: EvaluationInput;
  readonly points: number;
}

export interface ReadRequest {
  /** Where the tenant's points are. */
  readonly table: string;
  readonly definition: StatisticConfig;
  readonly window: Window;
}

export class InputReader {
  readonly #query: Pick<WindowQuery, 'read'>;
  readonly #pointsMax: number;

  /** `pointsMax`: in one answer of the store, and so of one device. */
  constructor(query: Pick<WindowQuery, 'read'>, pointsMax = windowPointsMax) {
    this.#query = query;
    this.#pointsMax = pointsMax;
  }

  /**
   * One entry per device, in order; `too_many_points` for a device with more than the limit. Throws `store_unavailable`.
   * Devices that have too many together are asked for in halves.
   */
  async read(
    request: ReadRequest,
    devices: readonly DeviceConfig[],
    signal: AbortSignal,
  ): Promise<readonly (DeviceInput | MillraceError)[]> {
    const { table, definition, window } = request;
    const points = await this.#query.read(
      {
        table,
        tenant: definition.tenant,
        devices: devices.map(({ deviceUid }) => deviceUid),
        signals: definition.inputs.map(({ signal: name }) => name),
        fromMicros: window.startMs * 1_000,
        toMicros: window.endMs * 1_000,
        pointsMax: this.#pointsMax,
      },
      signal,
    );
    if (points) return devices.map((device) => inputOf(request, device, points));
    if (devices.length === 1) return [this.#tooMany(devices[0]!)];
    const half = Math.ceil(devices.length / 2);
    const first = await this.read(request, devices.slice(0, half), signal);
    return [...first, ...(await this.read(request, devices.slice(half), signal))];
  }

  #tooMany({ deviceUid }: DeviceConfig): MillraceError {
    return new MillraceError(
      'too_many_points',
      `${deviceUid} has more than ${this.#pointsMax} points in the window; make the window shorter.`,
    );
  }
}

function inputOf({ definition, window }: ReadRequest, device: DeviceConfig, points: WindowPoints): DeviceInput {
  const bySignal = points.get(device.deviceUid);
  const inputs = definition.inputs.map(({ name, signal }) => [name, bySignal?.get(signal) ?? []] as const);
  const series: Series = Object.fromEntries(inputs.map(([name, found]) => [name, found.map(seriesPointOf)]));
  return {
    input: {
      device: { uid: device.deviceUid, name: device.name, attributes: device.attributes },
      fromMs: window.startMs,
      toMs: window.endMs,
      inputs: series,
    },
    points: inputs.reduce((sum, [, found]) => sum + found.length, 0),
  };
}

function seriesPointOf({ timeMicros, value, quality }: Point): Series[string][number] {
  return [timeMicros / 1_000, value, quality];
}
