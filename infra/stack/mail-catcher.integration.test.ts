/** The mail catcher as a process, with a mail sent by another vendor's client. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import nodemailer from 'nodemailer';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loopback, chooseFreePorts, randomPortBase } from './ports.ts';

test('a mail that is sent over SMTP is read over HTTP', async () => {
  const { smtp, mail } = await chooseFreePorts({ names: ['smtp', 'mail'], from: randomPortBase() });
  const program = join(import.meta.dirname, 'mail-catcher.ts');
  const catcher = spawn(process.execPath, [program, '--smtp-port', String(smtp), '--http-port', String(mail)]);
  onTestFinished(async () => {
    const gone = once(catcher, 'exit');
    catcher.kill();
    await gone;
  });
  const messages = async (): Promise<unknown> =>
    (await fetch(`http://${loopback}:${mail}/messages?to=shift@north.example`)).json();
  await vi.waitFor(async () => expect(await messages()).toEqual([]), { timeout: 10_000 });
  const transport = nodemailer.createTransport(`smtp://${loopback}:${smtp}`);
  await transport.sendMail({
    from: 'millrace@localhost',
    to: 'shift@north.example',
    subject: 'Zu warm: 6,3 °C',
    text: 'Tür zu!',
  });
  expect(await messages()).toMatchObject([{ subject: 'Zu warm: 6,3 °C', from: 'millrace@localhost' }]);
});
