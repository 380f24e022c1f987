/** Polls one machine for as long as the connection is open; what it reads becomes messages. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { asMillraceError, type ErrorCode, MillraceError, type ReceivedMessage, silenceOf } from '@millrace/contracts';
import { BackPressure } from '../back-pressure.ts';
import type { ConnectionState, ConnectorHandle, ConnectorPorts, RejectedMessage } from '../connector.ts';
import { type Delivery, Intake } from '../intake.ts';
import { type Loss, Reconnection } from '../reconnection.ts';
import { ModbusConnection } from './connection.ts';
import { Reading } from './reading.ts';
import type { ModbusSettings } from './settings.ts';

const usualPort = 502;

/** A machine in the plant accepts within milliseconds; one behind a radio link within seconds. */
const connectMsMax = 10_000;

/** Polls that wait for Kafka: a quarter of an hour at one a second. Then nothing is read until there is room. */
const waitingMax = { messagesMax: 1_000, bytesMax: 16 * 1024 * 1024 };

/** Polls of an outage are kept; those beyond a quota would only make the next ones late. */
const waitsFor: ReadonlySet<ErrorCode> = new Set(['overloaded']);

export class ModbusPoller implements ConnectorHandle {
  readonly #settings: ModbusSettings;
  readonly #ports: ConnectorPorts;
  readonly #signal: AbortSignal;
  readonly #reading: Reading;
  readonly #intake: Intake;
  readonly #backPressure: BackPressure;
  readonly #reconnection: Reconnection;
  readonly #closing = new AbortController();
  readonly #finished: Promise<void>;
  #connection: ModbusConnection | undefined;
  #received = 0;
  #acknowledged = 0;
  #pausedAtMs = 0;
  /** The tenant's quota is used up until then. */
  #quotaBackMs = -Infinity;
  #onQuiet: () => void = () => {};

  constructor(settings: ModbusSettings, ports: ConnectorPorts, signal: AbortSignal) {
    this.#settings = settings;
    this.#ports = ports;
    this.#signal = signal;
    this.#reading = new Reading(settings, ports.events);
    const outcome = {
      durable: (delivery: Delivery) => this.#settled(delivery, 1),
      failed: (error: unknown, deliveries: readonly Delivery[]) => this.#lose(error, deliveries),
      roomChanged: () => {},
    };
    this.#intake = new Intake(ports, outcome, waitsFor);
    this.#backPressure = new BackPressure(waitingMax, { pause: () => this.#pause(), resume: () => this.#resume() });
    this.#reconnection = new Reconnection({
      ports,
      refusals: new Set(),
      connectOnce: (stopping) => this.#connectOnce(stopping),
    });
    signal.addEventListener('abort', () => this.#intake.stop(), { once: true });
    this.#finished = this.#reconnection.run(AbortSignal.any([signal, this.#closing.signal]));
  }

  get state(): ConnectionState {
    return {
      ...this.#reconnection.state,
      received: this.#received,
      acknowledged: this.#acknowledged,
      unacknowledged: this.#backPressure.messages,
    };
  }

  async close(signal: AbortSignal): Promise<void> {
    this.#closing.abort();
    await this.#finished;
    const quiet = new Promise<void>((resolve) => (this.#onQuiet = resolve));
    const ended = AbortSignal.any([signal, this.#signal]);
    if (this.#backPressure.messages > 0 && !ended.aborted) await Promise.race([quiet, once(ended, 'abort')]);
    this.#intake.stop();
  }

  async #connectOnce(stopping: AbortSignal): Promise<Loss | undefined> {
    const { url, unitId, timeoutMs } = this.#settings;
    let socket: Socket;
    try {
      socket = await dial(url, AbortSignal.any([stopping, AbortSignal.timeout(connectMsMax)]));
    } catch (error) {
      if (stopping.aborted) return undefined;
      const detail = `The machine at ${url.host} cannot be reached: ${(error as Error).message}.`;
      return this.#loss(new MillraceError('machine_unavailable', detail, { cause: error }));
    }
    const connection = new ModbusConnection(socket, { unitId, timeoutMs }, this.#ports.clock);
    this.#connection = connection;
    stopping.addEventListener('abort', () => connection.end(closed), { signal: connection.over });
    this.#reconnection.connected(false);
    try {
      await this.#poll(connection, AbortSignal.any([stopping, connection.over]));
    } catch (error) {
      if (!connection.over.aborted && !stopping.aborted) throw error;
    }
    if (stopping.aborted) return undefined;
    return this.#loss(asMillraceError(connection.over.reason));
  }

  /** Until the signal; throws its reason. Beginnings keep their distance; what comes too late is left out. */
  async #poll(connection: ModbusConnection, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    const { intervalMs } = this.#settings;
    let dueMs = clock.monotonicMs();
    for (;;) {
      signal.throwIfAborted();
      if (clock.monotonicMs() < this.#quotaBackMs) this.#skip();
      else if (!this.#backPressure.paused) await this.#pollOnce(connection);
      const lateMs = clock.monotonicMs() - dueMs;
      dueMs += intervalMs * Math.max(1, Math.ceil(lateMs / intervalMs));
      await clock.sleep(dueMs - clock.monotonicMs(), signal);
    }
  }

  async #pollOnce(connection: ModbusConnection): Promise<void> {
    const timeMicros = Math.round(this.#ports.clock.nowMs() * 1000);
    const { values, failure } = await this.#reading.read(connection);
    if (failure) this.#reconnection.note(failure);
    if (values.length === 0) return;
    const message = this.#messageOf(Buffer.from(JSON.stringify(Object.fromEntries(values))), timeMicros);
    const problem = this.#problemOfDevice();
    this.#received += 1;
    this.#backPressure.add(1, message.payload.length);
    this.#intake.offer({
      accepted: problem ? [] : [message],
      rejected: problem ? [{ ...problem, message }] : [],
      repeated: 0,
      messages: 1,
      bytes: message.payload.length,
    });
  }

  /** A poll that the quota does not allow is a message that it refuses; the machine is left alone. */
  #skip(): void {
    this.#ports.hop.in(1);
    this.#ports.hop.rejected('quota_exceeded', 1);
  }

  #messageOf(payload: Buffer, timeMicros: number): ReceivedMessage {
    return {
      tenant: this.#settings.tenant,
      deviceUid: this.#settings.deviceUid,
      identificationCode: null,
      senderId: null,
      timeMicros,
      repeated: false,
      contentType: 'application/json',
      attributes: {},
      payload,
    };
  }

  #problemOfDevice(): Pick<RejectedMessage, 'code' | 'detail'> | undefined {
    const { deviceUid } = this.#settings;
    const device = this.#ports.devices.byUid(deviceUid);
    if (!device) return { code: 'unknown_sender', detail: `The tenant has no device "${deviceUid}".` };
    const code = silenceOf(device.state);
    return code && { code, detail: `The device "${deviceUid}" is ${device.state}.` };
  }

  /** A machine does not tell twice: what could not be stored is counted by the intake, and the next poll goes on. */
  #lose(error: unknown, deliveries: readonly Delivery[]): void {
    const reason = asMillraceError(error);
    const { code, message: example, quota } = reason;
    if (code === 'lease_lost') this.#connection?.end(reason);
    // The gate tells of a quota that is reached, once for all connections.
    if (quota) this.#quotaBackMs = this.#ports.clock.monotonicMs() + (quota.retryAfterSeconds ?? 0) * 1_000;
    else this.#ports.events.messagesRejected({ code, messages: deliveries.length, example });
    for (const delivery of deliveries) this.#settled(delivery, 0);
  }

  #settled({ messages, bytes }: Delivery, acknowledged: number): void {
    this.#acknowledged += acknowledged;
    this.#backPressure.remove(messages, bytes);
    if (this.#backPressure.messages === 0) this.#onQuiet();
  }

  #loss(reason: MillraceError): Loss {
    return { reason, unacknowledged: this.#backPressure.messages };
  }

  #pause(): void {
    this.#pausedAtMs = this.#ports.clock.monotonicMs();
    const { messages, bytes } = this.#backPressure;
    this.#ports.events.paused({ unacknowledged: messages, unacknowledgedBytes: bytes });
  }

  #resume(): void {
    this.#ports.events.resumed({ pausedMs: this.#ports.clock.monotonicMs() - this.#pausedAtMs });
  }
}

const closed = new MillraceError('not_ready', 'The connection was closed.');

async function dial(url: URL, signal: AbortSignal): Promise<Socket> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const socket = connect({ host, port: Number(url.port || usualPort), noDelay: true, keepAlive: true });
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  }
}
