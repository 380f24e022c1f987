/** Devices that publish with QoS 1 and number their messages; what a broker has confirmed it keeps until we acknowledge it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';

export interface NumberedDevice {
  readonly deviceUid: string;
  readonly broker: string;
  readonly protocolVersion: 4 | 5;
  readonly topic: string;
}

/** Often enough that a rate of some hundreds a second is even. */
const tickMs = 20;

export class NumberedSenders {
  readonly #devices: readonly NumberedDevice[];
  readonly #messagesPerSecond: number;
  /** By device: how many it has published, the numbers being 0 and up; and how many of them the broker has confirmed. */
  readonly #sent = new Map<string, number>();
  readonly #confirmed = new Map<string, Set<number>>();
  readonly #pending = new Set<Promise<void>>();

  constructor(devices: readonly NumberedDevice[], messagesPerSecond: number) {
    this.#devices = devices;
    this.#messagesPerSecond = messagesPerSecond;
    for (const { deviceUid } of devices) this.#confirmed.set(deviceUid, new Set());
  }

  /** By device: the numbers that its broker has confirmed. */
  get published(): ReadonlyMap<string, ReadonlySet<number>> {
    return this.#confirmed;
  }

  get publishedCount(): number {
    return [...this.#confirmed.values()].reduce((sum, numbers) => sum + numbers.size, 0);
  }

  /** Publishes until the signal fires, then waits for the last confirmations. */
  async run(signal: AbortSignal): Promise<void> {
    const clients = await this.#connected();
    const startedMs = performance.now();
    for (let sent = 0; !signal.aborted;) {
      const due = Math.floor(((performance.now() - startedMs) / 1_000) * this.#messagesPerSecond);
      for (; sent < due; sent += 1) this.#publish(clients, this.#devices[sent % this.#devices.length]!);
      await sleep(tickMs, undefined, { signal }).catch(() => {});
    }
    await Promise.all(this.#pending);
    await Promise.all([...clients.values()].map((client) => client.endAsync()));
  }

  async #connected(): Promise<ReadonlyMap<string, MqttClient>> {
    const versions = new Map(this.#devices.map(({ broker, protocolVersion }) => [broker, protocolVersion]));
    const connecting = [...versions].map(async ([broker, protocolVersion]): Promise<[string, MqttClient]> => [
      broker,
      await connectAsync(broker, { clientId: 'numbered-senders', protocolVersion }),
    ]);
    return new Map(await Promise.all(connecting));
  }

  #publish(clients: ReadonlyMap<string, MqttClient>, { deviceUid, broker, topic }: NumberedDevice): void {
    const number = this.#sent.get(deviceUid) ?? 0;
    this.#sent.set(deviceUid, number + 1);
    const published = clients
      .get(broker)!
      .publishAsync(topic, JSON.stringify({ number }), { qos: 1 })
      .then(() => {
        this.#confirmed.get(deviceUid)!.add(number);
        this.#pending.delete(published);
      });
    this.#pending.add(published);
  }
}
