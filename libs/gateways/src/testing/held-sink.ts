/** A sink for tests: takes everything, and is slow, full or broken when told so. */
import { MillraceError, type MessageSink, type ReceivedMessage } from '@millrace/contracts';

export class HeldSink implements MessageSink {
  readonly messages: ReceivedMessage[] = [];
  full = false;
  failure: Error | undefined;
  #durable = Promise.withResolvers<void>();

  constructor() {
    this.#durable.resolve();
  }

  /** From now on nothing becomes durable. */
  hold(): void {
    this.#durable = Promise.withResolvers();
  }

  /** Everything taken becomes durable. */
  release(): void {
    this.#durable.resolve();
  }

  /** The ids count up: 16 bytes with the message's number in the last four. */
  async accept(messages: readonly ReceivedMessage[]): Promise<readonly Uint8Array[]> {
    if (this.full) throw new MillraceError('overloaded', 'The limit of messages in flight is reached.');
    if (this.failure) throw this.failure;
    const first = this.messages.length;
    this.messages.push(...messages);
    await this.#durable.promise;
    return messages.map((_, index) => idOf(first + index));
  }
}

function idOf(number: number): Uint8Array {
  const id = Buffer.alloc(16);
  id.writeUInt32BE(number, 12);
  return id;
}
