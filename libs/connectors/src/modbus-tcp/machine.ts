/** One machine that is polled over Modbus TCP. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ErrorCode, MillraceError, type ReceivedMessage } from '@millrace/contracts';
import type { ConnectorPorts } from '../connector.ts';
import type { Delivery } from '../intake.ts';
import type { Polled, PollSource } from '../poller.ts';
import { findDevice, problemOfDevice } from '../sender.ts';
import { ModbusConnection } from './connection.ts';
import { Reading } from './reading.ts';
import type { ModbusSettings } from './settings.ts';

const usualPort = 502;

/** A machine in the plant accepts within milliseconds; one behind a radio link within seconds. */
const connectMsMax = 10_000;

export class ModbusMachine implements PollSource {
  readonly refusals: ReadonlySet<ErrorCode> = new Set();
  readonly #settings: ModbusSettings;
  readonly #ports: ConnectorPorts;
  readonly #note: (failure: MillraceError) => void;
  readonly #reading: Reading;

  /** `note` is told what the machine refused although it answers. */
  constructor(settings: ModbusSettings, ports: ConnectorPorts, note: (failure: MillraceError) => void) {
    this.#settings = settings;
    this.#ports = ports;
    this.#note = note;
    this.#reading = new Reading(settings, ports.events);
  }

  /** See `PollSource`. */
  async connect(stopping: AbortSignal): Promise<Polled> {
    const { url, unitId, timeoutMs } = this.#settings;
    let socket: Socket;
    try {
      socket = await dial(url, AbortSignal.any([stopping, AbortSignal.timeout(connectMsMax)]));
    } catch (error) {
      const detail = `The machine at ${url.host} cannot be reached: ${(error as Error).message}.`;
      throw new MillraceError('machine_unavailable', detail, { cause: error });
    }
    const connection = new ModbusConnection(socket, { unitId, timeoutMs }, this.#ports.clock);
    const { over } = connection;
    return { over, poll: () => this.#poll(connection), end: (reason) => connection.end(reason) };
  }

  /** A machine does not tell twice. */
  lost(): void {}

  closed(): void {}

  /** One poll is one message, with the time at which it began. */
  async #poll(connection: ModbusConnection): Promise<readonly Delivery[]> {
    const timeMicros = Math.round(this.#ports.clock.nowMs() * 1000);
    const { values, failure } = await this.#reading.read(connection);
    if (failure) this.#note(failure);
    if (values.length === 0) return [];
    const message = this.#messageOf(Buffer.from(JSON.stringify(Object.fromEntries(values))), timeMicros);
    const claim = { names: 'deviceUid', sender: this.#settings.deviceUid } as const;
    const problem = problemOfDevice(claim, findDevice(this.#ports.devices, claim));
    return [
      {
        accepted: problem ? [] : [message],
        rejected: problem ? [{ ...problem, message }] : [],
        repeated: 0,
        messages: 1,
        bytes: message.payload.length,
      },
    ];
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
}

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
