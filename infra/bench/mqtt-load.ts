/** Publishes the standard load's frames to the broker with QoS 1, one message per device and turn, pipelined. */
import { connect, type Socket } from 'node:net';
import mqtt from 'mqtt-packet';
import type { LoadOrder, LoadReport } from './load-process.ts';
import { Percentiles } from './percentiles.ts';
import { Rate } from './rate.ts';
import { devices, randomFrame, tenantNames } from './standard-load.ts';

/** Publishes without PUBACK at most, per connection; packet ids are 16 bits. */
const unacknowledgedMax = 2_000;
const burstMessages = 50;
const tickMs = 5;
const framesPrepared = 20_000;
const protocolVersion = 5;

export class MqttLoad {
  readonly #order: LoadOrder;
  readonly #rate: Rate;
  readonly #receipts = new Percentiles();
  readonly #frames = Array.from({ length: framesPrepared }, randomFrame);
  readonly #publishers: Publisher[] = [];
  #timer: NodeJS.Timeout | undefined;
  #next = 0;

  constructor(order: LoadOrder) {
    this.#order = order;
    this.#rate = new Rate(order.messagesPerSecond, performance.now());
  }

  start(): void {
    for (const tenant of tenantNames) this.#publishers.push(new Publisher(this.#order.url, tenant, this.#receipts));
    this.#timer = setInterval(() => this.#fill(), tickMs);
  }

  /** Resolves when every publish has its PUBACK. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#publishers.some(({ unacknowledged }) => unacknowledged > 0))
      await new Promise((resolve) => setTimeout(resolve, tickMs));
    for (const publisher of this.#publishers) publisher.close();
  }

  report(): LoadReport {
    return {
      accepted: this.#receipts.total,
      repeatedRequests: 0,
      behind: this.#rate.behind(performance.now()),
      receiptMsP50: this.#receipts.at(0.5),
      receiptMsP99: this.#receipts.at(0.99),
    };
  }

  #fill(): void {
    for (let idle = 0; idle < this.#publishers.length;) {
      const publisher = this.#publishers[this.#next++ % this.#publishers.length];
      const ready = publisher && publisher.unacknowledged + burstMessages <= unacknowledgedMax && publisher.connected;
      if (!ready || !this.#rate.take(burstMessages, performance.now())) {
        idle += 1;
        continue;
      }
      publisher.publish(burstMessages, (index) => this.#frames[(this.#next * burstMessages + index) % framesPrepared]!);
    }
  }
}

class Publisher {
  readonly #members: readonly string[];
  readonly #tenant: string;
  readonly #socket: Socket;
  readonly #sentMs = new Map<number, number>();
  readonly #receipts: Percentiles;
  #packetId = 0;
  #member = 0;
  #lastTimeMs = 0;
  connected = false;

  constructor(url: string, tenant: string, receipts: Percentiles) {
    const { hostname, port } = new URL(url);
    this.#tenant = tenant;
    this.#receipts = receipts;
    this.#members = devices.filter((device) => device.tenant === tenant).map(({ deviceUid }) => deviceUid);
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const parser = mqtt.parser({ protocolVersion });
    parser.on('packet', (packet) => {
      if (packet.cmd === 'connack') this.connected = packet.reasonCode === 0;
      if (packet.cmd === 'puback') this.#receipt(packet.messageId ?? 0);
    });
    this.#socket.on('data', (bytes) => parser.parse(bytes));
    const hello = { cmd: 'connect', protocolId: 'MQTT', protocolVersion, clean: true, keepalive: 0 } as const;
    this.#socket.write(mqtt.generate({ ...hello, clientId: `load-${tenant}` }, { protocolVersion }));
  }

  get unacknowledged(): number {
    return this.#sentMs.size;
  }

  /** A millisecond is used once per device, so times are unique. */
  publish(count: number, frameOf: (index: number) => Buffer): void {
    const packets: Buffer[] = [];
    const now = performance.now();
    for (let index = 0; index < count; index += 1) {
      this.#member = (this.#member + 1) % this.#members.length;
      this.#lastTimeMs = Math.max(Date.now(), this.#member === 0 ? this.#lastTimeMs + 1 : this.#lastTimeMs);
      this.#packetId = (this.#packetId % 65_535) + 1;
      this.#sentMs.set(this.#packetId, now);
      const userProperties = { 'millrace-time': new Date(this.#lastTimeMs).toISOString() };
      const packet = {
        cmd: 'publish',
        topic: `bench/${this.#tenant}/${this.#members[this.#member]}/up`,
        payload: frameOf(index),
        qos: 1,
        dup: false,
        retain: false,
        messageId: this.#packetId,
        properties: { userProperties },
      } as const;
      packets.push(mqtt.generate(packet, { protocolVersion }));
    }
    this.#socket.write(Buffer.concat(packets));
  }

  close(): void {
    this.#socket.destroy();
  }

  #receipt(packetId: number): void {
    const sentMs = this.#sentMs.get(packetId);
    if (sentMs === undefined) return;
    this.#sentMs.delete(packetId);
    this.#receipts.add(performance.now() - sentMs);
  }
}
