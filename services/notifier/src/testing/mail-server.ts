/** A real SMTP server that keeps what it takes and refuses whom it is told to. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly receivedAtMs: number;
}

export class MailServer {
  readonly mails: ReceivedMail[] = [];
  /** SMTP answer by recipient. */
  readonly refusals = new Map<string, number>();
  readonly #server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, done) => {
      const responseCode = this.refusals.get(address);
      if (responseCode === undefined) done();
      else done(Object.assign(new Error('Refused.'), { responseCode }));
    },
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        this.#keep(Buffer.concat(chunks), envelope.rcptTo[0]?.address ?? '').then(() => done(), done);
      });
    },
  });

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server.server, 'listening');
    return `smtp://127.0.0.1:${(this.#server.server.address() as AddressInfo).port}`;
  }

  to(recipient: string): readonly ReceivedMail[] {
    return this.mails.filter(({ to }) => to === recipient);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #keep(source: Buffer, to: string): Promise<void> {
    const { messageId = '', subject = '', text = '' } = await PostalMime.parse(source);
    this.mails.push({ messageId, to, subject, text, receivedAtMs: Date.now() });
  }
}
