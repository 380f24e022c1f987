/**
 * Promises, on one platform as `up` starts it: a threshold that the demo fleet crosses is an e-mail in a real SMTP server within two
 * seconds of the frame; and the first screen shows what is really happening, in a real browser, to the people of one tenant.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccountingReport } from '@millrace/observe';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ApiClient } from '../configure/api-client.ts';
import { apiOf } from '../configure/apply-configuration.ts';
import { startPlatform } from '../cli/platform-run.ts';
import { screenLink } from '../cli/welcome.ts';
import { currentState, type Stack } from '../stack/index.ts';
import type { Mail } from '../stack/mail-box.ts';
import { TestBrowser } from './open-browser.ts';

const mailMsMax = 2_000;
/** The rack drifts for half a minute until it is too warm. */
const firstMailMsMax = 120_000;
const tenant = 'northmill';
const stranger = 'greenfield';
/** The example of the Dragino LHT65N user manual: 88.6 % is above the limit of the dryers. */
const humidFrame = 'cb f6 0b 0d 03 76 01 0a dd 7f ff';
const hostileName = `<img src=x onerror="document.title='hacked'"> & "Dryer"`;
/** A device of the demo that the fleet does not know: nothing clears its alarm. */
const ownDevice = { tenant, deviceUid: 'hostile-01', productId: 'dragino-lht65n', name: hostileName };

const soonMs = 10_000;
const dataDir = mkdtempSync(join(tmpdir(), 'millrace-demo-'));
let stack: Stack;
let browser: TestBrowser;

beforeAll(async () => {
  const wishes = { dataDir, demoFleet: true, portBase: undefined };
  const steps = { step: <T>(_title: string, work: (report: () => void) => Promise<T>) => work(() => {}) };
  stack = await startPlatform(wishes, steps, new AbortController().signal);
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await stack?.stop('at once');
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

describe('the first screen', () => {
  beforeAll(async () => {
    browser = await TestBrowser.launch();
    // The fleet has read the devices when it sends.
    await vi.waitFor(async () => expect(await messagesTaken()).toBeGreaterThan(0), soonMs);
    const { tenant: owner, ...device } = ownDevice;
    await new ApiClient(apiOf(stack)).in(owner).send('POST', '/v1/devices', device, AbortSignal.timeout(soonMs));
  }, 60_000);

  test('a wrong key says what to do, and is not kept', async () => {
    const { page, complaints } = await browser.open(api());
    await page.getByLabel('API key').fill('northmill-xxxx.0123456789abcdefghij');
    await page.getByRole('button', { name: 'Enter' }).click();
    await soon(page, '#login-error', 'not known here. It looks like name.secret; ./millrace up prints one');
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    await page.getByLabel('API key').fill(keyOf(tenant));
    await page.getByRole('button', { name: 'Enter' }).click();
    await soon(page, '#live', 'Live');
    expect(complaints).toEqual([]);
  });

  test('rates move, values come in, and the key has left the address', async () => {
    const { page, complaints } = await browser.open(link(tenant));
    await soon(page, '.box.service .rate', /[1-9].*\/s/);
    await soon(page, '.device .value', /°C/);
    await page.locator('.spark-line[d^="M"]').first().waitFor({ state: 'attached', timeout: soonMs });
    const before = await parsedMessages(page);
    await vi.waitFor(async () => expect(await parsedMessages(page)).toBeGreaterThan(before), soonMs);
    expect(page.url()).toBe(`${api()}/`);
    expect(complaints).toEqual([]);
  });

  test('a frame that is sent is seen travelling to its alarm, and a name with markup stays text', async () => {
    const { page, complaints } = await browser.open(link(tenant));
    await soon(page, '.device h3', hostileName);
    await page.getByLabel('As device').selectOption(ownDevice.deviceUid);
    await page.getByLabel('Frame', { exact: true }).fill(humidFrame);
    await page.getByLabel('Attributes').fill('fPort=2');
    await page.getByRole('button', { name: 'Send and follow' }).click();
    for (const [title, detail] of [
      ['Accepted', /11 bytes · message [0-9a-f]{32}/],
      ['Raw topic', /partition \d, offset \d+/],
      ['Decoded points', /Hum_SHT 88.6.*by dragino-lht65n@/],
      ['Stored in QuestDB', 'rows seen in points_90d'],
      ['Alarms evaluated', '1 alarm changed'],
      ['Alarm raised minor', 'Dryer section humid: Hum_SHT is 88.6'],
      ['Notification delivered', 'shift@northmill.example'],
    ] as const) {
      const step = page.locator('.journey li.passed').filter({ hasText: title });
      await step.filter({ hasText: detail }).filter({ hasText: /\+\d/ }).waitFor({ timeout: soonMs });
    }
    const alarm = page.locator('.alarm').filter({ hasText: 'Dryer section humid' }).filter({ hasText: hostileName });
    await alarm.filter({ hasText: 'minor' }).filter({ hasText: '88.6' }).waitFor({ timeout: soonMs });
    expect(await page.locator('main img').count()).toBe(0);
    expect(await page.title()).not.toBe('hacked');
    expect(complaints).toEqual([]);
  });

  test('the people of another tenant see nothing of it', async () => {
    const { page } = await browser.open(link(stranger));
    await soon(page, '.device .value', /°C/);
    expect(await page.content()).not.toContain('hostile-01');
    const answers = ['latest?devices=hostile-01,dryer-01', 'trends?devices=dryer-01', 'alarms', 'products'].map(
      async (path) => {
        const response = await fetch(`${api()}/v1/${path}`, {
          headers: { authorization: `Bearer ${keyOf(stranger)}` },
        });
        expect(response.status, path).toBe(200);
        return response.text();
      },
    );
    for (const answer of await Promise.all(answers)) expect(answer).not.toMatch(/dryer|elsys|hostile/);
  });

  test('a part that does not answer is named, until it answers again', async () => {
    const { page } = await browser.open(link(tenant));
    await soon(page, '#live', 'Live');
    stack.signal('parser', 'SIGSTOP');
    try {
      await soon(page, '#banner', 'The parser does not answer.');
      await soon(page, '.box.down', /Parser.*lag [1-9]/);
    } finally {
      stack.signal('parser', 'SIGCONT');
    }
    await page.locator('#banner').waitFor({ state: 'hidden', timeout: soonMs });
  });

  test('what is not live any more says so, and comes back by itself', async () => {
    const { page } = await browser.open(link(tenant));
    await soon(page, '#live', /^Live/);
    await page.context().setOffline(true);
    await soon(page, '#banner', /What you see is from .* It is asked again by itself/);
    await page.context().setOffline(false);
    await soon(page, '#live', /^Live/);
  });
});

/** Last: the minute passes while the others run. */
test('the mean of a minute of each cold store is a result', async () => {
  await vi.waitFor(async () => {
    const sql = `SELECT DISTINCT device FROM statistic_results WHERE statistic = 'cold-store-mean' AND value > -30 AND value < 30`;
    const response = await fetch(`${stack.address('questdb')}/exec?query=${encodeURIComponent(sql)}`);
    expect(((await response.json()) as { count: number }).count).toBe(8);
  }, 90_000);
}, 100_000);

const api = (): string => `http://127.0.0.1:${stack.port('api-1')}`;
const keyOf = (id: string): string => currentState(dataDir)!.demo.tenants.find((one) => one.id === id)!.apiKey;
const link = (id: string): string => screenLink(api(), id, keyOf(id));

async function messagesTaken(): Promise<number> {
  const report = await fetch(`http://127.0.0.1:${stack.port('gateway-1')}/v1/accounting`);
  const { hops } = (await report.json()) as AccountingReport;
  return hops.reduce((sum, hop) => sum + hop.in, 0);
}

async function soon(page: Page, selector: string, pattern: RegExp | string): Promise<void> {
  const found = page.locator(selector).filter({ hasText: pattern }).first();
  await found.waitFor({ state: 'visible', timeout: soonMs });
}

/** Since its start, as the table of all hops says. */
async function parsedMessages(page: Page): Promise<number> {
  const cells = page.locator('#flow-rows tr').filter({ hasText: 'parser' }).locator('td');
  return Number((await cells.nth(4).textContent())?.replaceAll(',', ''));
}

async function mailsTo(recipient: string): Promise<Pick<Mail, 'id'>[]> {
  const response = await fetch(`${stack.address('mail')}/messages?to=${encodeURIComponent(recipient)}`);
  return (await response.json()) as Pick<Mail, 'id'>[];
}
