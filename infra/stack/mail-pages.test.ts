import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MailBox, mailsMax } from './mail-box.ts';
import { answerMailRequest } from './mail-pages.ts';
import { loopback } from './ports.ts';

let box: MailBox;
let server: Server;
let url: string;

beforeEach(async () => {
  box = new MailBox();
  server = createServer((request, response) => answerMailRequest(box, request, response)).listen(0, loopback);
  await once(server, 'listening');
  url = `http://${loopback}:${(server.address() as { port: number }).port}`;
});

afterEach(() => server.close());

const mail = (to: string, subject: string) => ({
  from: 'millrace@localhost',
  to: [to],
  source: Buffer.from(`Subject: ${subject}\r\nMessage-ID: <1@millrace>\r\n\r\n6.3 °C <b>\r\n`),
});

const json = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json();

test('mails are listed oldest first, without their text', async () => {
  await box.add(mail('shift@north.example', 'Warm'));
  await box.add(mail('shift@south.example', 'Hot'));
  expect(await json('/messages')).toMatchObject([
    { id: '1', to: ['shift@north.example'], subject: 'Warm', messageId: '<1@millrace>' },
    { id: '2', subject: 'Hot' },
  ]);
  expect(await json('/messages')).not.toMatchObject([{ text: expect.anything() }, {}]);
});

test('mails of one recipient can be asked for', async () => {
  await box.add(mail('shift@north.example', 'Warm'));
  await box.add(mail('shift@south.example', 'Hot'));
  expect(await json('/messages?to=shift@south.example')).toMatchObject([{ subject: 'Hot' }]);
});

test('one mail is shown with its text, an unknown one is not found', async () => {
  await box.add(mail('a@b', 'Warm'));
  expect(await json('/messages/1')).toMatchObject({ subject: 'Warm', text: expect.stringContaining('6.3 °C') });
  expect((await fetch(`${url}/messages/2`)).status).toBe(404);
});

test('the page shows what was written and runs nothing of it', async () => {
  await box.add(mail('a@b', '<script>alert(1)</script>'));
  const page = await (await fetch(url)).text();
  expect(page).toContain('&lt;script&gt;');
  expect(page).not.toContain('<script>');
});

test('mails are forgotten when asked to, and the oldest when there are too many', async () => {
  for (let count = 0; count <= mailsMax; count += 1) await box.add(mail('a@b', String(count)));
  expect(box.list()).toHaveLength(mailsMax);
  expect(box.list()[0]?.subject).toBe('1');
  expect((await fetch(`${url}/messages`, { method: 'DELETE' })).status).toBe(204);
  expect(await json('/messages')).toEqual([]);
});
