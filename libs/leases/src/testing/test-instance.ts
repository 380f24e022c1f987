/** One instance with a holder that keeps open what its leases say. */
import { type Clock, systemClock } from '@millrace/kernel';
import type { Lease } from '../lease.ts';
import type { LeaseStore } from '../lease-store.ts';
import { Leases } from '../leases.ts';
import type { Capacity, LeaseOptions } from '../machine-parts.ts';
import { countedEvents } from './counted-events.ts';

/** Keys that exist, for all instances. */
export class Keys {
  #keys: ReadonlySet<string> = new Set();
  version = 0;

  get all(): ReadonlySet<string> {
    return this.#keys;
  }

  set(keys: Iterable<string>): void {
    this.#keys = new Set(keys);
    this.version += 1;
  }
}

export function someKeys(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `acme/connection-${String(index).padStart(4, '0')}`);
}

export interface TestInstanceParts {
  readonly name: string;
  readonly store: LeaseStore;
  readonly keys: Keys;
  readonly clock?: Clock;
  readonly options: LeaseOptions;
  /** Called just before a key is opened. */
  readonly onOpen?: (key: string) => void;
}

export class TestInstance {
  readonly leases: Leases;
  /** By event. */
  readonly counts = new Map<string, number>();
  capacity: Capacity = { connectionsMax: 1_000_000, accepting: true };
  readonly #open = new Map<string, Lease>();
  readonly #ending = new AbortController();
  readonly #clock: Clock;
  readonly #onOpen: (key: string) => void;
  #holding: Promise<void> = Promise.resolve();

  constructor({ name, store, keys, clock = systemClock, options, onOpen = () => undefined }: TestInstanceParts) {
    this.#clock = clock;
    this.#onOpen = onOpen;
    this.leases = new Leases({
      instance: name,
      url: `http://${name}`,
      store,
      clock,
      random: () => 0.5,
      options,
      keys: () => keys.all,
      keysVersion: () => keys.version,
      capacity: () => this.capacity,
      events: countedEvents(this.counts),
    });
  }

  async start(): Promise<void> {
    this.#holding = this.#hold();
    await this.leases.start(this.#ending.signal);
  }

  /** Keys that are open with a valid lease. */
  get open(): string[] {
    return [...this.#open.values()].filter((lease) => lease.isValid()).map(({ key }) => key);
  }

  leaseOf(key: string): Lease | undefined {
    return this.#open.get(key);
  }

  /** As on SIGTERM: gives away, closes, leaves. */
  async stop(): Promise<void> {
    await this.leases.retire(this.#ending.signal);
    this.#ending.abort();
    await this.#holding;
    this.#open.clear();
    await this.leases.stop();
  }

  #begin(key: string, lease: Lease): void {
    this.#onOpen(key);
    this.#open.set(key, lease);
  }

  async #hold(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const held = this.leases.held();
      for (const [key, lease] of this.#open) {
        if (held.get(key) === lease) continue;
        this.#open.delete(key);
        void this.leases.finished(key);
      }
      for (const [key, lease] of held) if (!this.#open.has(key)) this.#begin(key, lease);
      await this.#clock.sleep(5, this.#ending.signal).catch(() => undefined);
    }
  }
}
