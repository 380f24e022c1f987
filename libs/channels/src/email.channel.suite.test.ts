import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { type ReceivedNotification, type ReceiverMood, testChannel } from './channel.suite.ts';
import { emailChannel, startEmail } from './email.channel.ts';

/** A real SMTP server that keeps what it takes. */
class MailReceiver {
  readonly mails: ReceivedNotification[] = [];
  mood: ReceiverMood = 'takes';
  #server: SMTPServer | undefined;
  #port = 0;
  readonly #sockets = new Set<Socket>();

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`;
  }

  async listen(): Promise<void> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onRcptTo: (_address, _session, done) => this.#answer(done),
      onData: (stream, { envelope }, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          this.#keep(
            Buffer.concat(chunks),
            envelope.rcptTo.map(({ address }) => address),
          ).then(() => done(), done);
        });
      },
    });
    server.server.on('connection', (socket: Socket) => this.#sockets.add(socket));
    server.listen(this.#port, '127.0.0.1');
    await once(server.server, 'listening');
    this.#port = (server.server.address() as AddressInfo).port;
    this.#server = server;
  }

  async leave(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    const server = this.#server;
    this.#server = undefined;
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #answer(done: (error?: Error) => void): void {
    if (this.mood === 'takes') done();
    if (this.mood === 'refuses for now') done(Object.assign(new Error('Mailbox busy'), { responseCode: 450 }));
    if (this.mood === 'refuses for ever') done(Object.assign(new Error('No such user'), { responseCode: 550 }));
  }

  async #keep(source: Buffer, recipients: readonly string[]): Promise<void> {
    const { messageId, subject, text, to, cc, bcc } = await PostalMime.parse(source);
    const named = [...(to ?? []), ...(cc ?? []), ...(bcc ?? [])].map(({ address }) => address ?? '');
    this.mails.push({
      identity: messageId ?? '',
      recipients: [...new Set([...recipients, ...named])],
      subject: subject ?? '',
      body: text ?? '',
    });
  }
}

const impatience = { connectionsMax: 4, connectMsMax: 200, sendMsMax: 200, idleMsMax: 60_000 };

testChannel('email', async () => {
  const receiver = new MailReceiver();
  await receiver.listen();
  const from = { name: 'Mill Alarms', address: 'alarm@mill.example' };
  const environment = { MILLRACE_SMTP_URL: receiver.url, MILLRACE_SMTP_FROM: from };
  const patient = emailChannel.start(environment);
  const impatient = startEmail(environment, impatience);
  return {
    channel: patient.open({ settings: {}, secrets: {} }),
    impatient: impatient.open({ settings: {}, secrets: {} }),
    recipients: ['shift@mill.example', "o'neill+night@mill.example"],
    impossibleRecipients: [
      '',
      'shift',
      'a@b.example, c@d.example',
      'a@b.example\r\nRCPT TO:<c@d.example>',
      'A <a@b.example>',
      '"c@d.example"@b.example',
    ],
    received: () => receiver.mails,
    become: (mood) => {
      receiver.mood = mood;
    },
    leave: () => receiver.leave(),
    comeBack: () => receiver.listen(),
    close: async () => {
      patient.close();
      impatient.close();
      await receiver.leave();
    },
  };
});
