/**
 * A door in front of a Kafka broker: the broker's own address in its answers becomes that of the door, so that clients stay behind it;
 * and it can hold what is produced while everything else passes.
 *
 *     request  => length:int32 apiKey:int16 apiVersion:int16 correlationId:int32 …
 *     response => length:int32 correlationId:int32 …
 */
import { loopback } from '../stack/ports.ts';
import { Door, type Link } from './door.ts';

const produceKey = 0;
/** Metadata, FindCoordinator, DescribeCluster: their answers name brokers as `host:string port:int32`. */
const namingKeys: readonly number[] = [3, 10, 60];

interface Conversation {
  /** Beginnings of frames. */
  requests: Buffer;
  responses: Buffer;
  /** Correlation ids of requests whose answers name brokers. */
  readonly naming: Set<number>;
  readonly produces: Buffer[];
}

export class KafkaDoor extends Door {
  readonly #conversations = new WeakMap<Link, Conversation>();
  readonly #realAddress: Buffer;
  #holdsProduces = false;
  #held = 0;

  constructor(targetPort: number) {
    super(targetPort);
    this.#realAddress = addressOf(targetPort);
  }

  /** Requests that wait. */
  get heldProduces(): number {
    return this.#held;
  }

  /** From now on what is produced waits, and its sender for the answer; on false everything is let through, in order. */
  holdProduces(on: boolean): void {
    this.#holdsProduces = on;
    if (on) return;
    this.#held = 0;
    for (const link of this.links) {
      for (const frame of this.#of(link).produces.splice(0)) this.pass(link, link.server, frame);
      this.letThrough(link);
    }
  }

  protected override fromClient(link: Link, bytes: Buffer): void {
    const conversation = this.#of(link);
    const { frames, rest } = framesIn(Buffer.concat([conversation.requests, bytes]));
    conversation.requests = rest;
    for (const frame of frames) {
      const apiKey = frame.readInt16BE(4);
      if (namingKeys.includes(apiKey)) conversation.naming.add(frame.readInt32BE(8));
      if (apiKey === produceKey && this.#holdsProduces) {
        conversation.produces.push(frame);
        this.#held += 1;
      } else this.pass(link, link.server, frame);
    }
  }

  protected override fromServer(link: Link, bytes: Buffer): void {
    const conversation = this.#of(link);
    const { frames, rest } = framesIn(Buffer.concat([conversation.responses, bytes]));
    conversation.responses = rest;
    for (const frame of frames) {
      if (conversation.naming.delete(frame.readInt32BE(4))) this.#rename(frame);
      this.pass(link, link.client, frame);
    }
  }

  protected override mayEnd(link: Link): boolean {
    return super.mayEnd(link) && this.#of(link).produces.length === 0;
  }

  #rename(frame: Buffer): void {
    const own = addressOf(this.port);
    for (let at = frame.indexOf(this.#realAddress); at >= 0; at = frame.indexOf(this.#realAddress, at + 1))
      own.copy(frame, at);
  }

  #of(link: Link): Conversation {
    let conversation = this.#conversations.get(link);
    if (conversation === undefined) {
      conversation = { requests: Buffer.alloc(0), responses: Buffer.alloc(0), naming: new Set(), produces: [] };
      this.#conversations.set(link, conversation);
    }
    return conversation;
  }
}

/** Host and port as they stand beside each other in an answer. */
function addressOf(port: number): Buffer {
  const address = Buffer.alloc(loopback.length + 4);
  address.write(loopback, 'latin1');
  address.writeInt32BE(port, loopback.length);
  return address;
}

function framesIn(bytes: Buffer): { readonly frames: readonly Buffer[]; readonly rest: Buffer } {
  const frames: Buffer[] = [];
  let at = 0;
  while (bytes.length >= at + 4) {
    const end = at + 4 + bytes.readInt32BE(at);
    if (bytes.length < end) break;
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return { frames, rest: bytes.subarray(at) };
}
