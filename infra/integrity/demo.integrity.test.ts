/** Promise: a threshold that the demo fleet crosses is an e-mail in a real SMTP server within two seconds of the frame. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startPlatform } from '../cli/platform-run.ts';
import type { Mail } from '../stack/mail-box.ts';
import type { Stack } from '../stack/index.ts';

const mailMsMax = 2_000;
/** The rack drifts for half a minute until it is too warm. */
const firstMailMsMax = 120_000;
const dataDir = mkdtempSync(join(tmpdir(), 'millrace-demo-'));
let stack: Stack;

beforeAll(async () => {
  const wishes = { dataDir, demoFleet: true, portBase: undefined };
  const steps = { step: <T>(_title: string, work: (report: () => void) => Promise<T>) => work(() => {}) };
  stack = await startPlatform(wishes, steps, new AbortController().signal);
}, 240_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);

test(
  'the cold store that warms up is a mail to its shift within two seconds of the frame',
  async () => {
    const { id } = await vi.waitUntil(async () => (await mailsTo('shift@greenfield.example')).at(0), {
      timeout: firstMailMsMax,
      interval: 200,
    });
    const mail = (await (await fetch(`${stack.address('mail')}/messages/${id}`)).json()) as Mail;
    expect(mail.subject).toBe('[warning] Cold store, rack 3: Cold store too warm');
    expect(mail.text).toMatch(/cold-store-03.* of greenfield: temperature is 6(\.\d)? Cel at /);
    const frameAt = Date.parse(/ at (\S+Z)/.exec(mail.text)?.[1] ?? '');
    expect(Date.parse(mail.receivedAt) - frameAt).toBeLessThan(mailMsMax);
  },
  firstMailMsMax + 10_000,
);

test('every device of the demo has rows in QuestDB, none of them dead letters', async () => {
  await vi.waitFor(async () => {
    const url = `${stack.address('questdb')}/exec?query=`;
    const sql = ['30d', '90d'].map((name) => `SELECT DISTINCT tenant, device FROM points_${name}`).join(' UNION ALL ');
    const { count } = (await (await fetch(url + encodeURIComponent(sql))).json()) as { count: number };
    expect(count).toBe(27);
  }, 30_000);
});

test('the mean of a minute of each cold store is a result', async () => {
  await vi.waitFor(async () => {
    const sql = `SELECT DISTINCT device FROM statistic_results WHERE statistic = 'cold-store-mean' AND value > -30 AND value < 30`;
    const response = await fetch(`${stack.address('questdb')}/exec?query=${encodeURIComponent(sql)}`);
    expect(((await response.json()) as { count: number }).count).toBe(8);
  }, 90_000);
}, 100_000);

async function mailsTo(recipient: string): Promise<Pick<Mail, 'id'>[]> {
  const response = await fetch(`${stack.address('mail')}/messages?to=${encodeURIComponent(recipient)}`);
  return (await response.json()) as Pick<Mail, 'id'>[];
}
