/** One network connection to an MQTT broker, from CONNECT to its end. */
import type { Duplex } from 'node:stream';
import { asMillraceError, type ErrorCode, MillraceError } from '@millrace/contracts';
import type { IConnackPacket, ISubackPacket, Packet } from 'mqtt-packet';
import type { ConnectorPorts } from '../connector.ts';
import { DeliveryBuilder, type MqttDelivery } from './delivery-builder.ts';
import { connectPacket, readConnack, readDisconnect, reasonText, subscribePacket } from './handshake.ts';
import { Intake } from '../intake.ts';
import { MessageReader } from './message-reader.ts';
import { PacketStream } from './packet-stream.ts';
import { Receipts } from './receipts.ts';
import type { SessionMemory } from './session-memory.ts';
import type { MqttSettings } from './settings.ts';

/** A broker that takes our TCP connection and then says nothing is away. */
export const connectMsMax = 15_000;

/** One read of 64 KiB may hold thousands of tiny messages; a sink should not have to take more at once. */
const deliveryMessagesMax = 1_000;

/** The broker keeps what we do not read; so nothing is lost while there is no room, in Kafka or in the tenant's quota. */
const waitsFor: ReadonlySet<ErrorCode> = new Set(['overloaded', 'quota_exceeded']);

export interface ConnectionOf {
  readonly settings: MqttSettings;
  readonly memory: SessionMemory;
  readonly ports: ConnectorPorts;
  /** Called when the broker has accepted us. */
  readonly onConnected: (sessionPresent: boolean) => void;
}

export class MqttConnection {
  /** Resolves when it is over: with the reason, or undefined when we left. */
  readonly ended: Promise<MillraceError | undefined>;
  readonly #end: (reason: MillraceError | undefined) => void;
  readonly #of: ConnectionOf;
  readonly #stream: PacketStream;
  readonly #builder: DeliveryBuilder;
  readonly #receipts: Receipts;
  readonly #intake: Intake<MqttDelivery>;
  #connected = false;
  #leaving = false;
  #pausedAtMs = 0;

  /** Sends CONNECT over an open stream. The signal ends it at once. */
  constructor(socket: Duplex, of: ConnectionOf, signal: AbortSignal) {
    ({ promise: this.ended, resolve: this.#end } = Promise.withResolvers<MillraceError | undefined>());
    this.#of = of;
    const { settings, memory, ports } = of;
    this.#builder = new DeliveryBuilder(new MessageReader(settings.tenant, settings.deviceFrom, ports.devices), memory);
    const reading = { pause: () => this.#pause(), resume: () => this.#resume() };
    this.#receipts = new Receipts(memory, settings.receiveMaximum, reading, (bytes) => this.#stream.write(bytes));
    const outcome = {
      durable: (delivery: MqttDelivery) => this.#receipts.durable(delivery),
      failed: (error: unknown) => this.#stream.end(asMillraceError(error)),
      roomChanged: () => this.#hold(),
    };
    this.#intake = new Intake<MqttDelivery>(ports, outcome, waitsFor);
    const listener = {
      packet: (packet: Packet) => this.#onPacket(packet),
      readEnded: () => this.#deliver(),
      closed: (reason: MillraceError | undefined) => this.#onClosed(reason),
    };
    this.#stream = new PacketStream(socket, settings.protocolVersion, ports.clock, listener, signal);
    this.#stream.send(connectPacket(settings));
    void this.#endUnlessConnected();
  }

  /** Messages whose receipt has not been written. */
  get unacknowledged(): number {
    return this.#receipts.backPressure.messages;
  }

  /** Reads no more, writes the receipts that are owed as their messages become durable, says DISCONNECT. */
  async leave(signal: AbortSignal): Promise<void> {
    if (!this.#connected) this.#stream.end(undefined);
    this.#stream.endOn(signal);
    this.#leaving = true;
    this.#hold();
    await Promise.race([this.#receipts.allWritten(), this.ended]);
    if (!this.#stream.over.aborted) this.#stream.finish({ cmd: 'disconnect', reasonCode: 0 });
    await this.ended;
  }

  #onPacket(packet: Packet): void {
    if (!this.#connected && packet.cmd !== 'connack') {
      this.#stream.end(new MillraceError('broker_unavailable', `The broker sent ${packet.cmd} before CONNACK.`));
      return;
    }
    switch (packet.cmd) {
      case 'publish':
        this.#builder.add(packet);
        if (this.#builder.messages >= deliveryMessagesMax) this.#deliver();
        return;
      case 'pubrel':
        this.#of.memory.released(packet.messageId ?? 0);
        this.#stream.send({ cmd: 'pubcomp', messageId: packet.messageId ?? 0 });
        return;
      case 'connack':
        this.#onConnack(packet);
        return;
      case 'suback':
        this.#onSuback(packet);
        return;
      case 'pingresp':
        this.#stream.answered();
        return;
      case 'disconnect':
        this.#stream.end(readDisconnect(packet));
        return;
      case 'connect':
      case 'puback':
      case 'pubrec':
      case 'pubcomp':
      case 'subscribe':
      case 'unsubscribe':
      case 'unsuback':
      case 'pingreq':
      case 'auth':
        this.#stream.end(
          new MillraceError('broker_unavailable', `The broker sent ${packet.cmd}, which is not for us.`),
        );
    }
  }

  #onConnack(packet: IConnackPacket): void {
    const { settings, memory, onConnected } = this.#of;
    const welcome = readConnack(packet, settings);
    if (welcome instanceof MillraceError) {
      this.#stream.end(welcome);
      return;
    }
    this.#connected = true;
    this.#stream.stayAlive(welcome.keepaliveSeconds);
    if (!welcome.sessionPresent || settings.cleanStart) memory.forget();
    if (!memory.subscribed) this.#stream.send(subscribePacket(settings));
    onConnected(welcome.sessionPresent);
  }

  #onSuback({ granted }: ISubackPacket): void {
    const { settings, memory, ports } = this.#of;
    memory.subscribed = true;
    for (const [index, { topicFilter }] of settings.subscriptions.entries()) {
      const code = Number(granted[index] ?? 0x80);
      if (code < 0x80) continue;
      memory.subscribed = false;
      ports.events.subscriptionRefused({ topicFilter, reason: reasonText(code) });
    }
  }

  #deliver(): void {
    if (this.#builder.messages === 0) return;
    const delivery = this.#builder.take();
    this.#receipts.owe(delivery);
    this.#intake.offer(delivery);
  }

  #onClosed(reason: MillraceError | undefined): void {
    this.#deliver();
    this.#intake.stop();
    this.#receipts.drop();
    this.#end(reason);
  }

  #hold(): void {
    this.#receipts.backPressure.hold(this.#leaving || this.#intake.blocked);
  }

  #pause(): void {
    this.#pausedAtMs = this.#of.ports.clock.monotonicMs();
    this.#stream.pause();
    const { messages, bytes } = this.#receipts.backPressure;
    this.#of.ports.events.paused({ unacknowledged: messages, unacknowledgedBytes: bytes });
  }

  #resume(): void {
    this.#stream.resume();
    this.#of.ports.events.resumed({ pausedMs: this.#of.ports.clock.monotonicMs() - this.#pausedAtMs });
  }

  async #endUnlessConnected(): Promise<void> {
    try {
      await this.#of.ports.clock.sleep(connectMsMax, this.#stream.over);
    } catch {
      return;
    }
    if (this.#connected) return;
    this.#stream.end(new MillraceError('broker_unavailable', 'The broker did not answer CONNECT in time.'));
  }
}
