/** One connection as the client manager runs it: open, or not, and why. */
import type { ConnectionConfig, ErrorCode } from '@millrace/contracts';
import { asMillraceError } from '@millrace/contracts';
import type { ConnectionState, ConnectorHandle } from '@millrace/connectors';
import type { Clock } from '@millrace/kernel';
import type { Owned } from './ownership/ownership.ts';
import { RateMeter } from './rate-meter.ts';

/** What is open for a connection; closing waits for receipts until the signal aborts. */
export interface OpenConnection {
  readonly handle: Pick<ConnectorHandle, 'state'>;
  close(signal: AbortSignal): Promise<void>;
}

/** Beside the connector's phases: switched off, of a tenant that is suspended, or wrong as configured. */
export type ConnectionStatus = ConnectionState['phase'] | 'disabled' | 'suspended' | 'invalid';

/** As the configuration says; a connection of a tenant that was deleted is not managed at all. */
export type TenantState = 'active' | 'suspended' | 'deleted';

/** As `GET /v1/connections` shows it. Times are ISO 8601; counts are since the connection was opened. */
export interface ConnectionReport {
  readonly tenant: string;
  readonly connectionId: string;
  readonly kind: string;
  readonly url: string;
  readonly clientId: string;
  readonly state: ConnectionStatus;
  readonly since: string;
  readonly epoch: number;
  readonly lastError: { readonly code: ErrorCode; readonly detail: string; readonly at: string } | null;
  readonly received: number;
  readonly acknowledged: number;
  readonly unacknowledged: number;
  readonly receivedPerSecond: number;
  readonly acknowledgedPerSecond: number;
}

export class ManagedConnection {
  readonly owned: Owned;
  readonly #config: ConnectionConfig;
  readonly #clock: Clock;
  readonly #open: OpenConnection | undefined;
  readonly #notOpen: ConnectionState;
  readonly #tenantState: TenantState;
  readonly #status: 'disabled' | 'suspended' | 'invalid' | undefined;
  readonly #received = new RateMeter();
  readonly #acknowledged = new RateMeter();

  /** Opens it with `open`, unless it is switched off; never throws: one wrong connection must not stop the others. */
  constructor(
    config: ConnectionConfig,
    owned: Owned,
    clock: Clock,
    open: () => OpenConnection,
    tenantState: TenantState,
  ) {
    this.#config = config;
    this.#tenantState = tenantState;
    this.owned = owned;
    this.#clock = clock;
    const sinceMs = clock.nowMs();
    let lastError: ConnectionState['lastError'] = null;
    try {
      if (!config.enabled) this.#status = 'disabled';
      else if (tenantState !== 'active') this.#status = 'suspended';
      else this.#open = open();
    } catch (error) {
      const { code, message: detail } = asMillraceError(error);
      this.#status = 'invalid';
      lastError = { code, detail, atMs: sinceMs };
    }
    this.#notOpen = { phase: 'closed', sinceMs, lastError, received: 0, acknowledged: 0, unacknowledged: 0 };
  }

  get status(): ConnectionStatus {
    return this.#status ?? this.#state.phase;
  }

  get unacknowledged(): number {
    return this.#state.unacknowledged;
  }

  /** Why it is `invalid`. */
  get fault(): string | undefined {
    return this.#status === 'invalid' ? this.#notOpen.lastError?.detail : undefined;
  }

  /** Whether it runs this configuration under this ownership; otherwise it has to be replaced. */
  is(config: ConnectionConfig, owned: Owned, tenantState: TenantState): boolean {
    if (this.owned !== owned || this.#tenantState !== tenantState) return false;
    return this.#config === config || JSON.stringify(this.#config) === JSON.stringify(config);
  }

  /** For the rates. */
  sample(): void {
    const { received, acknowledged } = this.#state;
    const nowMs = this.#clock.monotonicMs();
    this.#received.sample(received, nowMs);
    this.#acknowledged.sample(acknowledged, nowMs);
  }

  report(): ConnectionReport {
    const { tenant, connectionId, kind, url, clientId } = this.#config;
    const { sinceMs, lastError, received, acknowledged, unacknowledged } = this.#state;
    return {
      tenant,
      connectionId,
      kind,
      url,
      clientId,
      state: this.status,
      since: isoOf(sinceMs),
      epoch: this.owned.epoch,
      lastError: lastError && { code: lastError.code, detail: lastError.detail, at: isoOf(lastError.atMs) },
      received,
      acknowledged,
      unacknowledged,
      receivedPerSecond: Math.round(this.#received.perSecond),
      acknowledgedPerSecond: Math.round(this.#acknowledged.perSecond),
    };
  }

  /** See `ConnectorHandle.close`. */
  async close(signal: AbortSignal): Promise<void> {
    await this.#open?.close(signal);
  }

  get #state(): ConnectionState {
    return this.#open?.handle.state ?? this.#notOpen;
  }
}

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
