/** The life of a connection that comes again for as long as it is open: its phases, its delays, and what is told of a loss. */
import { asMillraceError, type ErrorCode, MillraceError } from '@millrace/contracts';
import { backoff, orAborted } from '@millrace/kernel';
import type { ConnectionPhase, ConnectionState, ConnectorPorts } from './connector.ts';

/** What restarts is back within seconds; what is away for long is not asked more often than this. */
const delays = { delayMsMin: 200, delayMsMax: 15_000 };

/**
 * Only a connection that held this long shows that all is well. Two owners that take a session from each other connect
 * successfully each time: they must slow down all the same.
 */
const stableMs = 10_000;

/** Nothing but a change of the configuration, here or there, helps against a refusal. */
const refusedDelayMs = 60_000;

export interface Loss {
  readonly reason: MillraceError;
  /** Messages without receipt at that moment. */
  readonly unacknowledged: number;
}

export interface ReconnectionParts {
  readonly ports: Pick<ConnectorPorts, 'clock' | 'events' | 'random' | 'mayConnect'>;
  /** After these the next attempt comes at the longest delay. */
  readonly refusals: ReadonlySet<ErrorCode>;
  /** Resolves when the connection has ended or did not come about; undefined: we ended it. Calls `connected` meanwhile. */
  connectOnce(stopping: AbortSignal): Promise<Loss | undefined>;
}

export class Reconnection {
  readonly #parts: ReconnectionParts;
  #phase: ConnectionPhase = 'connecting';
  #sinceMs: number;
  #lastError: ConnectionState['lastError'] = null;

  constructor(parts: ReconnectionParts) {
    this.#parts = parts;
    this.#sinceMs = parts.ports.clock.nowMs();
  }

  get state(): Pick<ConnectionState, 'phase' | 'sinceMs' | 'lastError'> {
    return { phase: this.#phase, sinceMs: this.#sinceMs, lastError: this.#lastError };
  }

  connected(sessionPresent: boolean): void {
    this.#enter('connected');
    this.#parts.ports.events.connected({ sessionPresent });
  }

  /** What went wrong last, for the state. */
  note({ code, message: detail }: MillraceError): void {
    this.#lastError = { code, detail, atMs: this.#parts.ports.clock.nowMs() };
  }

  /** Ends after the present connection once `stopping` is aborted. */
  async run(stopping: AbortSignal): Promise<void> {
    const { ports, refusals } = this.#parts;
    const waits = backoff({ ...delays, random: ports.random });
    while (!stopping.aborted) {
      const refusal = await this.#refusal(stopping);
      if (stopping.aborted) break;
      if (refusal !== undefined) {
        this.note(refusal);
        this.#enter('waiting');
        await ports.clock.sleep(waits.next(), stopping).catch(() => {});
        continue;
      }
      this.#enter('connecting');
      const loss = await this.#parts.connectOnce(stopping);
      const stable = this.#phase === 'connected' && ports.clock.nowMs() - this.#sinceMs >= stableMs;
      if (loss === undefined || stopping.aborted) break;
      if (stable) waits.reset();
      const { reason, unacknowledged } = loss;
      const refused = refusals.has(reason.code);
      const retryInMs = Math.round(refused ? refusedDelayMs : waits.next());
      this.note(reason);
      this.#enter(refused ? 'refused' : 'waiting');
      ports.events.lost({ code: reason.code, reason: reason.message, unacknowledged, retryInMs });
      await ports.clock.sleep(retryInMs, stopping).catch(() => {});
    }
    this.#enter('closed');
  }

  /** Why we may not connect now; undefined: we may. */
  async #refusal(stopping: AbortSignal): Promise<MillraceError | undefined> {
    try {
      const may = await orAborted(Promise.resolve(this.#parts.ports.mayConnect()), stopping);
      if (may) return undefined;
      return new MillraceError('lease_lost', 'Wait for the owner: this instance does not own the connection now.');
    } catch (error) {
      return asMillraceError(error);
    }
  }

  #enter(phase: ConnectionPhase): void {
    this.#phase = phase;
    this.#sinceMs = this.#parts.ports.clock.nowMs();
  }
}
