/** An MQTT session: connects, and connects again for as long as it is open. */
import { type ErrorCode, MillraceError } from '@millrace/contracts';
import type { ConnectionState, ConnectorHandle, ConnectorPorts } from '../connector.ts';
import { type Loss, Reconnection } from '../reconnection.ts';
import { connectMsMax, MqttConnection } from './connection.ts';
import { dial } from './dial.ts';
import { SessionMemory } from './session-memory.ts';
import type { MqttSettings } from './settings.ts';

/**
 * Not a session that was taken over: whether it is still ours `mayConnect` knows, and if so it is needed soon. Two who believe it
 * both slow down, as in MQTT 3.1.1, where the broker does not say why it closes.
 */
const refusals: ReadonlySet<ErrorCode> = new Set(['broker_refused']);

export class MqttSession implements ConnectorHandle {
  readonly #settings: MqttSettings;
  readonly #ports: ConnectorPorts;
  readonly #memory = new SessionMemory();
  readonly #signal: AbortSignal;
  readonly #closing = new AbortController();
  readonly #reconnection: Reconnection;
  readonly #finished: Promise<void>;
  #connection: MqttConnection | undefined;

  constructor(settings: MqttSettings, ports: ConnectorPorts, signal: AbortSignal) {
    this.#settings = settings;
    this.#ports = ports;
    this.#signal = signal;
    this.#reconnection = new Reconnection({
      ports,
      refusals,
      connectOnce: (stopping) => this.#connectOnce(stopping),
    });
    this.#finished = this.#reconnection.run(AbortSignal.any([signal, this.#closing.signal]));
  }

  get state(): ConnectionState {
    const { received, acknowledged } = this.#memory;
    const unacknowledged = this.#connection?.unacknowledged ?? 0;
    return { ...this.#reconnection.state, received, acknowledged, unacknowledged };
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#closing.abort();
    await this.#connection?.leave(signal);
    await this.#finished;
  }

  async #connectOnce(stopping: AbortSignal): Promise<Loss | undefined> {
    const { url, tls } = this.#settings;
    try {
      const socket = await dial(url, tls, AbortSignal.any([stopping, AbortSignal.timeout(connectMsMax)]));
      const of = {
        settings: this.#settings,
        memory: this.#memory,
        ports: this.#ports,
        onConnected: (sessionPresent: boolean) => this.#reconnection.connected(sessionPresent),
      };
      this.#connection = new MqttConnection(socket, of, this.#signal);
    } catch (error) {
      if (stopping.aborted) return undefined;
      const detail = `The broker at ${url.host} cannot be reached: ${(error as Error).message}.`;
      return { reason: new MillraceError('broker_unavailable', detail, { cause: error }), unacknowledged: 0 };
    }
    const reason = await this.#connection.ended;
    const { unacknowledged } = this.#connection;
    this.#connection = undefined;
    return reason && { reason, unacknowledged };
  }
}
