/** Collects the messages of one read of the socket into one delivery. */
import type { ReceivedMessage } from '@millrace/contracts';
import type { IPublishPacket } from 'mqtt-packet';
import type { RejectedMessage } from '../connector.ts';
import { type Owed, owePuback, owePubrec } from './acknowledgement-queue.ts';
import type { Delivery } from '../intake.ts';
import { isRejected, type MessageReader } from './message-reader.ts';
import type { SessionMemory } from './session-memory.ts';

/** What came in one read of the socket, with its receipts. */
export interface MqttDelivery extends Delivery, Owed {}

/** A small message in memory weighs more than its bytes: about its objects. */
const messageOverheadBytes = 256;

export class DeliveryBuilder {
  readonly #reader: MessageReader;
  readonly #memory: SessionMemory;
  #receipts: number[] = [];
  #accepted: ReceivedMessage[] = [];
  #rejected: RejectedMessage[] = [];
  #repeated = 0;
  #bytes = 0;

  constructor(reader: MessageReader, memory: SessionMemory) {
    this.#reader = reader;
    this.#memory = memory;
  }

  get messages(): number {
    return this.#accepted.length + this.#rejected.length + this.#repeated;
  }

  add(packet: IPublishPacket): void {
    const { qos, messageId = 0 } = packet;
    if (qos > 0) this.#receipts.push(qos === 1 ? owePuback(messageId) : owePubrec(messageId));
    this.#bytes += packet.payload.length + messageOverheadBytes;
    if (qos === 2 && this.#memory.isDurable(messageId)) {
      this.#repeated += 1;
      return;
    }
    const read = this.#reader.read(packet);
    if (isRejected(read)) this.#rejected.push(read);
    else this.#accepted.push(read);
  }

  /** The delivery so far, and begins the next one. */
  take(): MqttDelivery {
    const delivery: MqttDelivery = {
      receipts: this.#receipts,
      accepted: this.#accepted,
      rejected: this.#rejected,
      repeated: this.#repeated,
      messages: this.messages,
      bytes: this.#bytes,
    };
    this.#receipts = [];
    this.#accepted = [];
    this.#rejected = [];
    this.#repeated = 0;
    this.#bytes = 0;
    return delivery;
  }
}
