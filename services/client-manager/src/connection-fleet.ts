/**
 * The connections that this instance runs, kept at what configuration and ownership say: opened, changed and closed
 * while the others go on.
 */
import type { ConnectionConfig, TenantConfig } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import type { clientManagerEvents } from './client-manager-events.ts';
import {
  type ConnectionReport,
  type ConnectionStatus,
  ManagedConnection,
  type OpenConnection,
  type TenantState,
} from './managed-connection.ts';
import type { Owned, Ownership } from './ownership/ownership.ts';

/** How often configuration and ownership are looked at: comparing two counters. */
const lookMs = 200;

/**
 * What closing one connection waits for its messages to become durable; an orchestrator grants the process 30 s in all.
 * What is unacknowledged then comes again to whoever opens the connection next.
 */
const closeMsMax = 6_000;

export interface ConnectionFleetParts {
  /** `connections`: by key `tenant/connectionId`. */
  readonly configuration: {
    readonly version: number;
    readonly connections: ReadonlyMap<string, ConnectionConfig>;
    tenant(tenant: string): Pick<TenantConfig, 'state'> | undefined;
  };
  readonly ownership: Ownership;
  /** Throws `configuration_invalid`. */
  readonly open: (config: ConnectionConfig, owned: Owned) => OpenConnection;
  readonly events: Emitter<typeof clientManagerEvents>;
  readonly clock: Clock;
}

export class ConnectionFleet {
  readonly #parts: ConnectionFleetParts;
  readonly #managed = new Map<string, ManagedConnection>();
  /** Connections that are being closed: nothing else happens to them meanwhile. */
  readonly #closing = new Map<string, Promise<void>>();
  /** One was closed since the last look: its successor may be opened. */
  #closed = false;
  readonly #stopping = new AbortController();
  #looking: Promise<void> = Promise.resolve();

  constructor(parts: ConnectionFleetParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#looking = this.#look();
  }

  /** Closes all connections, each with its receipts. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
    const left = [...this.#managed.keys()].filter((key) => !this.#closing.has(key));
    await Promise.all([...this.#closing.values(), ...left.map((key) => this.#close(key))]);
  }

  reports(): readonly ConnectionReport[] {
    return [...this.#managed.values()].map((managed) => managed.report());
  }

  /** Connections by status, for metrics. */
  counts(): ReadonlyMap<ConnectionStatus, number> {
    const counts = new Map<ConnectionStatus, number>();
    for (const { status } of this.#managed.values()) counts.set(status, (counts.get(status) ?? 0) + 1);
    return counts;
  }

  get unacknowledged(): number {
    return [...this.#managed.values()].reduce((sum, managed) => sum + managed.unacknowledged, 0);
  }

  async #look(): Promise<void> {
    const { configuration, ownership, clock } = this.#parts;
    let seen = '';
    while (!this.#stopping.signal.aborted) {
      const now = `${configuration.version} ${ownership.version}`;
      if (now !== seen || this.#closed) this.#reconcile();
      seen = now;
      for (const managed of this.#managed.values()) managed.sample();
      await clock.sleep(lookMs, this.#stopping.signal).catch(() => {});
    }
  }

  #reconcile(): void {
    this.#closed = false;
    const { configuration, ownership } = this.#parts;
    for (const [key, managed] of this.#managed) {
      const config = configuration.connections.get(key);
      const owned = ownership.of(key);
      if (config === undefined || owned === undefined) this.#leave(key);
      else if (!managed.is(config, owned, this.#stateOf(config.tenant))) this.#leave(key);
    }
    for (const [key, config] of configuration.connections) {
      const state = this.#stateOf(config.tenant);
      const owned = ownership.of(key);
      if (state !== 'deleted' && owned !== undefined && !this.#managed.has(key)) this.#open(key, config, owned, state);
    }
  }

  /** A tenant whose configuration is not there yet counts as active: its connection's is. */
  #stateOf(tenant: string): TenantState {
    return (this.#parts.configuration.tenant(tenant)?.state ?? 'active') as TenantState;
  }

  #open(key: string, config: ConnectionConfig, owned: Owned, state: TenantState): void {
    const { open, ownership, events, clock } = this.#parts;
    ownership.opened(owned);
    const managed = new ManagedConnection(config, owned, clock, () => open(config, owned), state);
    this.#managed.set(key, managed);
    const { tenant, connectionId } = config;
    if (managed.fault !== undefined) events.connectionInvalid({ tenant, connectionId, detail: managed.fault });
    else if (managed.status !== 'disabled' && managed.status !== 'suspended')
      events.connectionOpened({ tenant, connectionId, epoch: owned.epoch });
  }

  /** Its successor is opened by a later look, when this one is closed: two clients of one session would fight. */
  #leave(key: string): void {
    if (this.#closing.has(key)) return;
    const closed = this.#close(key).then(() => {
      this.#closing.delete(key);
      this.#closed = true;
    });
    this.#closing.set(key, closed);
  }

  async #close(key: string): Promise<void> {
    const managed = this.#managed.get(key);
    if (managed === undefined) return;
    const { tenant, connectionId } = managed.report();
    await managed.close(AbortSignal.any([AbortSignal.timeout(closeMsMax), managed.owned.ended]));
    this.#managed.delete(key);
    this.#parts.events.connectionClosed({ tenant, connectionId });
    await this.#parts.ownership.closed(managed.owned);
  }
}
