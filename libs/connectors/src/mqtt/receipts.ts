/**
 * The receipts of one MQTT connection: owed from the moment a message is read, written in order when it is durable.
 * They belong to the connection and die with it: sent on a later one, a packet id could mean another message.
 */
import { AcknowledgementQueue, encodeReceipts, packetIdOfPubrec } from './acknowledgement-queue.ts';
import { BackPressure, type Reading } from '../back-pressure.ts';
import type { MqttDelivery } from './delivery-builder.ts';
import type { SessionMemory } from './session-memory.ts';

/** Memory of one connection. */
const unacknowledgedBytesMax = 16 * 1024 * 1024;

export class Receipts {
  readonly backPressure: BackPressure;
  readonly #memory: SessionMemory;
  readonly #write: (receipts: Buffer) => void;
  readonly #queue = new AcknowledgementQueue<MqttDelivery>();
  readonly #onAllWritten: (() => void)[] = [];
  #flushing: NodeJS.Immediate | undefined;

  /** `receiveMaximum`: reading stops at twice as many messages, for brokers that exceed it or, as in MQTT 3.1.1, are not told. */
  constructor(memory: SessionMemory, receiveMaximum: number, reading: Reading, write: (receipts: Buffer) => void) {
    this.#memory = memory;
    this.#write = write;
    this.backPressure = new BackPressure(
      { messagesMax: 2 * receiveMaximum, bytesMax: unacknowledgedBytesMax },
      reading,
    );
  }

  owe(delivery: MqttDelivery): void {
    this.#memory.received += delivery.messages;
    this.#queue.take(delivery);
    this.backPressure.add(delivery.messages, delivery.bytes);
  }

  /** Deliveries of one Kafka batch become durable in the same turn of the event loop: one write for all of them. */
  durable(delivery: MqttDelivery): void {
    this.#queue.settle(delivery);
    this.#flushing ??= setImmediate(() => this.#flush());
  }

  /** Resolves when none is owed. */
  async allWritten(): Promise<void> {
    if (this.#queue.size > 0) await new Promise<void>((resolve) => this.#onAllWritten.push(resolve));
  }

  /** The connection is over: none is written any more. */
  drop(): void {
    clearImmediate(this.#flushing);
  }

  #flush(): void {
    this.#flushing = undefined;
    const released = this.#queue.release();
    if (released.length === 0) return;
    const bytes = encodeReceipts(released);
    let messages = 0;
    let messageBytes = 0;
    for (const delivery of released) {
      messages += delivery.messages;
      messageBytes += delivery.bytes;
      this.#remember(delivery.receipts);
    }
    if (bytes.length > 0) this.#write(bytes);
    this.#memory.acknowledged += messages;
    this.backPressure.remove(messages, messageBytes);
    if (this.#queue.size === 0) for (const resolve of this.#onAllWritten.splice(0)) resolve();
  }

  #remember(receipts: readonly number[]): void {
    for (const receipt of receipts) {
      const packetId = packetIdOfPubrec(receipt);
      if (packetId !== undefined) this.#memory.becameDurable(packetId);
    }
  }
}
