/**
 * The mail catcher as a program: takes every mail on the SMTP port and shows it on the HTTP port.
 *
 *     node infra/stack/mail-catcher.ts --smtp-port 2525 --http-port 8025
 *
 *     GET /                 a page with all mails
 *     GET /messages?to=     summaries as JSON, oldest first; `to` filters by recipient
 *     GET /messages/:id     one mail with its text
 *     DELETE /messages      forgets all
 */
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { MailBox } from './mail-box.ts';
import { answerMailRequest } from './mail-pages.ts';
import { loopback } from './ports.ts';

/** Far above any notification; a larger mail is refused. */
const mailBytesMax = 4 * 1024 * 1024;

const { values } = parseArgs({ options: { 'smtp-port': { type: 'string' }, 'http-port': { type: 'string' } } });
const box = new MailBox();

const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  disableReverseLookup: true,
  size: mailBytesMax,
  onData: (stream, session, done) => void receive(stream, session).then(() => done(), done),
});
smtp.on('error', (error) => console.error(String(error)));

async function receive(stream: SMTPServerDataStream, { envelope }: SMTPServerSession): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  if (stream.sizeExceeded) throw Object.assign(new Error('The mail is too large.'), { responseCode: 552 });
  await box.add({
    from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
    to: envelope.rcptTo.map(({ address }) => address),
    source: Buffer.concat(chunks),
  });
}

const http = createServer((request, response) => answerMailRequest(box, request, response));
smtp.listen(Number(values['smtp-port']), loopback);
http.listen(Number(values['http-port']), loopback);

process.once('SIGTERM', () => {
  smtp.close();
  http.close();
  http.closeAllConnections();
});
