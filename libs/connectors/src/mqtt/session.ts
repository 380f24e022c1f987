/** An MQTT session: connects, and connects again for as long as it is open. */
import { type ErrorCode, MillraceError } from '@millrace/contracts';
import { backoff } from '@millrace/kernel';
import type { ConnectionPhase, ConnectionState, ConnectorHandle, ConnectorPorts } from '../connector.ts';
import { connectMsMax, MqttConnection } from './connection.ts';
import { dial } from './dial.ts';
import { SessionMemory } from './session-memory.ts';
import type { MqttSettings } from './settings.ts';

/** A broker that restarts is back within seconds; one that is away for long is not asked more often than this. */
const delays = { delayMsMin: 200, delayMsMax: 15_000 };

/**
 * Only a connection that held this long shows that all is well. Two owners that take the session from each other
 * connect successfully each time: they must slow down all the same.
 */
const stableMs = 10_000;

/** Nothing but a change of the configuration, here or at the broker, helps against a refusal. */
const refusedDelayMs = 60_000;

const refusals: ReadonlySet<ErrorCode> = new Set(['broker_refused', 'session_taken_over']);

export class MqttSession implements ConnectorHandle {
  readonly #settings: MqttSettings;
  readonly #ports: ConnectorPorts;
  readonly #memory = new SessionMemory();
  readonly #signal: AbortSignal;
  readonly #closing = new AbortController();
  readonly #finished: Promise<void>;
  #connection: MqttConnection | undefined;
  #phase: ConnectionPhase = 'connecting';
  #sinceMs: number;
  #lastError: ConnectionState['lastError'] = null;

  constructor(settings: MqttSettings, ports: ConnectorPorts, signal: AbortSignal) {
    this.#settings = settings;
    this.#ports = ports;
    this.#signal = signal;
    this.#sinceMs = ports.clock.nowMs();
    this.#finished = this.#run(AbortSignal.any([signal, this.#closing.signal]));
  }

  get state(): ConnectionState {
    const { received, acknowledged } = this.#memory;
    return {
      phase: this.#phase,
      sinceMs: this.#sinceMs,
      lastError: this.#lastError,
      received,
      acknowledged,
      unacknowledged: this.#connection?.unacknowledged ?? 0,
    };
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#closing.abort();
    await this.#connection?.leave(signal);
    await this.#finished;
  }

  /** `stopping`: no connection after the present one. */
  async #run(stopping: AbortSignal): Promise<void> {
    const waits = backoff({ ...delays, random: this.#ports.random });
    while (!stopping.aborted) {
      const reason = await this.#connectOnce(stopping);
      const stable = this.#phase === 'connected' && this.#ports.clock.nowMs() - this.#sinceMs >= stableMs;
      const unacknowledged = this.#connection?.unacknowledged ?? 0;
      this.#connection = undefined;
      if (reason === undefined || stopping.aborted) break;
      if (stable) waits.reset();
      const refused = refusals.has(reason.code);
      const retryInMs = Math.round(refused ? refusedDelayMs : waits.next());
      this.#lastError = { code: reason.code, detail: reason.message, atMs: this.#ports.clock.nowMs() };
      this.#enter(refused ? 'refused' : 'waiting');
      this.#ports.events.lost({ code: reason.code, reason: reason.message, unacknowledged, retryInMs });
      await this.#ports.clock.sleep(retryInMs, stopping).catch(() => {});
    }
    this.#enter('closed');
  }

  /** Resolves when the connection has ended or did not come about: why; undefined when we ended it. */
  async #connectOnce(stopping: AbortSignal): Promise<MillraceError | undefined> {
    this.#enter('connecting');
    const { url, tls } = this.#settings;
    try {
      const socket = await dial(url, tls, AbortSignal.any([stopping, AbortSignal.timeout(connectMsMax)]));
      const of = {
        settings: this.#settings,
        memory: this.#memory,
        ports: this.#ports,
        onConnected: (sessionPresent: boolean) => this.#onConnected(sessionPresent),
      };
      this.#connection = new MqttConnection(socket, of, this.#signal);
    } catch (error) {
      if (stopping.aborted) return undefined;
      const detail = `The broker at ${url.host} cannot be reached: ${(error as Error).message}.`;
      return new MillraceError('broker_unavailable', detail, { cause: error });
    }
    return this.#connection.ended;
  }

  #onConnected(sessionPresent: boolean): void {
    this.#enter('connected');
    this.#ports.events.connected({ sessionPresent });
  }

  #enter(phase: ConnectionPhase): void {
    this.#phase = phase;
    this.#sinceMs = this.#ports.clock.nowMs();
  }
}
