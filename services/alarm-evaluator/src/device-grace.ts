/** Gives the configuration time to arrive: a new device may send before its record in the configuration was read here. */
import { deviceKey } from '@millrace/contracts';
import { type Clock, systemClock } from '@millrace/kernel';

/** Configuration travels in well under a second; a device that is unknown for longer was deleted or never existed. */
export const graceMs = 5_000;
const pollMs = 50;

/** Deleted devices that still have points on the way; when there are more, they are waited for once more. */
const givenUpMax = 10_000;

export interface DeviceLookup {
  device(tenant: string, deviceUid: string): unknown;
  isDeleted(tenant: string): boolean;
}

export class DeviceGrace {
  readonly #lookup: DeviceLookup;
  readonly #clock: Clock;
  /** Waited for once already: one deleted device must not cost every batch the whole time. */
  readonly #givenUp = new Set<string>();

  constructor(lookup: DeviceLookup, clock: Clock = systemClock) {
    this.#lookup = lookup;
    this.#clock = clock;
  }

  /**
   * Resolves with true as soon as the device is known, with false when it is not by the end of the grace, and at once when
   * its tenant was deleted. `startMs` (monotonic): when the batch began to wait; all devices of a batch share one grace.
   */
  async arrives(tenant: string, deviceUid: string, startMs: number, signal: AbortSignal): Promise<boolean> {
    const key = deviceKey(tenant, deviceUid);
    while (!this.#lookup.device(tenant, deviceUid)) {
      if (this.#lookup.isDeleted(tenant) || this.#givenUp.has(key)) return false;
      if (this.#clock.monotonicMs() - startMs >= graceMs) {
        if (this.#givenUp.size >= givenUpMax) this.#givenUp.clear();
        this.#givenUp.add(key);
        return false;
      }
      await this.#clock.sleep(pollMs, signal);
    }
    this.#givenUp.delete(key);
    return true;
  }
}
