/** One connection of a device: its first line, its lines, and the answer to each. */
import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { asMillraceError, MillraceError, type ReceivedMessage } from '@millrace/contracts';
import type { Sender } from '../gateway.ts';
import { peerOf } from '../tls-identity.ts';
import { Answers, codeOf, receiptOf, refusalOf } from './answers.ts';
import { firstLineBytesMax, type Introduction, readFirstLine } from './first-line.ts';
import type { TcpHouse } from './house.ts';
import { type Line, LineSplitter, tooLong } from './line-splitter.ts';

/** One read of 64 KiB may hold thousands of tiny messages; a sink should not have to take more at once. */
const messagesPerCallMax = 1_000;

export class TcpConnection {
  readonly #house: TcpHouse;
  readonly #socket: Socket;
  readonly #peer: X509Certificate | undefined;
  readonly #lines = new LineSplitter(firstLineBytesMax);
  readonly #answers = new Answers();
  #introduction: Introduction | undefined;
  /** The credential of the first line is asked for elsewhere. */
  #preparing = false;
  /** Lines that were read and not handed over, and their bytes. */
  #batch: ReceivedMessage[] = [];
  #batchBytes = 0;
  /** What the room knows of the unfinished line. */
  #unfinishedBytes = 0;
  /** The sender will send no more. */
  #heardAll = false;
  /** No more is read; the answers that are owed are still written. */
  #leaving = false;
  readonly #resume = (): void => this.#advance();

  constructor(socket: Socket, house: TcpHouse) {
    this.#socket = socket;
    this.#peer = peerOf(socket);
    this.#house = house;
    socket.on('data', (bytes: Buffer) => this.#hear(bytes));
    socket.on('drain', this.#resume);
    socket.once('end', () => {
      this.#heardAll = true;
      this.#advance();
    });
    socket.once('close', () => this.#abandon());
    // 'close' follows, and says all there is to say.
    socket.on('error', () => {});
  }

  /** Nothing happens, and nothing is owed that could be the reason. */
  get idle(): boolean {
    return this.#answers.lines === 0 && !this.#house.room.full;
  }

  /** Ends it with a last line, behind the answers that are owed. It refuses the unfinished line, if there is one. */
  leave(reason: MillraceError): void {
    if (this.#leaving) return;
    if (this.#lines.unfinishedBytes > 0) this.#refuseUnfinished(reason);
    else this.#answers.owe(0, 0, refusalOf(reason));
    this.#stopReading();
  }

  /** At once. */
  destroy(): void {
    this.#socket.destroy();
  }

  get #waits(): boolean {
    const { room, unansweredPerConnectionMax } = this.#house;
    const unanswered = this.#answers.lines + this.#batch.length;
    return this.#preparing || room.full || unanswered >= unansweredPerConnectionMax || this.#socket.writableNeedDrain;
  }

  #hear(bytes: Buffer): void {
    if (this.#leaving) return;
    this.#lines.push(bytes);
    this.#advance();
  }

  /** Reads lines for as long as there is room for them. Called whenever that may have changed. */
  #advance(): void {
    const { room } = this.#house;
    room.leave(this.#resume);
    while (!this.#leaving && !this.#waits) {
      const line = this.#lines.next();
      this.#countUnfinished();
      if (line === undefined) return this.#readOn();
      this.#take(line);
    }
    this.#handOver();
    if (this.#leaving) return;
    this.#socket.pause();
    if (room.full) room.wait(this.#resume);
  }

  /** Everything that has come was read. */
  #readOn(): void {
    this.#handOver();
    if (!this.#heardAll) {
      this.#socket.resume();
      return;
    }
    if (this.#lines.unfinishedBytes > 0)
      this.#refuseUnfinished(new MillraceError('malformed_body', 'The last line has no newline; it was not taken.'));
    this.#stopReading();
  }

  /** Tells the room how the unfinished line has changed; without room for it, it is refused. */
  #countUnfinished(): void {
    const bytes = this.#lines.unfinishedBytes - this.#unfinishedBytes;
    if (bytes === 0) return;
    if (this.#house.room.changeUnfinished(bytes)) this.#unfinishedBytes += bytes;
    else
      this.#refuseUnfinished(
        new MillraceError('overloaded', 'Too many long lines are on their way; send it again later.'),
      );
  }

  #refuseUnfinished(reason: MillraceError): void {
    this.#lines.skip();
    this.#countUnfinished();
    this.#refuse(reason, 0);
  }

  #take(line: Line): void {
    this.#house.active(this);
    const bytes = line === tooLong ? 0 : line.length;
    if (!this.#introduction) return this.#greet(line, bytes);
    const { authorization, dialect } = this.#introduction;
    let sender: Sender;
    try {
      sender = this.#house.ports.authenticator.authenticate(authorization, this.#peer);
    } catch (error) {
      // The credential is no longer valid.
      return this.#turnAway(error, bytes);
    }
    try {
      if (line === tooLong)
        throw new MillraceError('body_too_large', `A line has at most ${dialect.lineBytesMax} bytes.`);
      this.#batch.push(dialect.read(line, sender));
      this.#batchBytes += bytes;
      this.#house.room.take(1, bytes);
    } catch (error) {
      this.#refuse(error, bytes);
    }
    if (this.#batch.length >= messagesPerCallMax) this.#handOver();
  }

  #greet(line: Line, bytes: number): void {
    try {
      const introduction = readFirstLine(line);
      const preparing = this.#house.ports.authenticator.prepare(introduction.authorization);
      if (!preparing) return this.#welcome(introduction);
      this.#preparing = true;
      void preparing
        .then(() => this.#welcome(introduction))
        .catch((error: unknown) => this.#turnAway(error, bytes))
        .finally(() => {
          this.#preparing = false;
          this.#advance();
        });
    } catch (error) {
      this.#turnAway(error, bytes);
    }
  }

  #welcome(introduction: Introduction): void {
    if (this.#leaving) return;
    this.#house.ports.authenticator.authenticate(introduction.authorization, this.#peer);
    this.#introduction = introduction;
    this.#lines.lineBytesMax = introduction.dialect.lineBytesMax;
    this.#answers.owe(0, 0, 'OK\n');
    this.#answer();
  }

  #turnAway(error: unknown, bytes: number): void {
    this.#refuse(error, bytes);
    this.#stopReading();
  }

  /** Counts as one message; its place in the order of answers is behind the lines before it. */
  #refuse(thrown: unknown, bytes: number): void {
    this.#handOver();
    const { ports, room } = this.#house;
    const error = asMillraceError(thrown);
    const code = codeOf(error);
    if (code === 'internal') ports.failed(thrown);
    ports.hop.in(1);
    ports.hop.rejected(code, 1);
    room.take(1, bytes);
    this.#answers.owe(1, bytes, refusalOf(error));
    this.#answer();
  }

  /** From here on the sink counts the messages: by what becomes of them, not by what their sender hears. */
  #handOver(): void {
    const messages = this.#batch;
    if (messages.length === 0) return;
    const { confirmations, ports } = this.#house;
    const owed = this.#answers.owe(messages.length, this.#batchBytes);
    this.#batch = [];
    this.#batchBytes = 0;
    const decide = (text: string): void => {
      owed.text = text;
      this.#house.active(this);
      this.#answer();
      this.#advance();
    };
    confirmations.within(ports.sink.accept(messages)).then(
      (ids) => decide(ids.map(receiptOf).join('')),
      (thrown: unknown) => {
        const error = asMillraceError(thrown);
        if (error.code === 'internal') ports.failed(thrown);
        decide(refusalOf(error).repeat(messages.length));
      },
    );
  }

  #stopReading(): void {
    this.#leaving = true;
    this.#handOver();
    this.#house.room.leave(this.#resume);
    // What still comes is read and forgotten: unread bytes would make the system take our last answers back (RST).
    this.#socket.resume();
    this.#answer();
  }

  /** Writes what is decided, in order, and says goodbye behind the last answer. */
  #answer(): void {
    const { text, lines, bytes } = this.#answers.release();
    if (text !== '' && this.#socket.writable) this.#socket.write(text);
    if (this.#leaving && this.#answers.lines === 0 && this.#socket.writable) {
      this.#socket.end();
      this.#house.said(this);
    }
    if (lines > 0) this.#house.room.give(lines, bytes);
  }

  /** The connection is gone. What was handed over goes its way; a line in the middle counts as one that could not be read. */
  #abandon(): void {
    if (this.#lines.unfinishedBytes > 0)
      this.#refuseUnfinished(new MillraceError('malformed_body', 'The sender left before the end of the line.'));
    this.#stopReading();
  }
}
