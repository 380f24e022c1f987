import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KeyedSecrets, SecretKey } from '@millrace/auth';
import { channelSecretsPurpose, entityKinds } from '@millrace/config';
import { ensureTopics } from '@millrace/kafka';
import type { AccountingReport, HopReport } from '@millrace/observe';
import { startService, type StartedService, topicsOf } from '@millrace/platform';
import { testAddresses } from '@millrace/testkit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { deliveriesOf, notificationId } from './delivery.ts';
import { notifierService } from './notifier-service.ts';
import { attemptOf } from './testing/events.ts';
import { MailServer } from './testing/mail-server.ts';
import { TestStream } from './testing/stream.ts';

const stream = new TestStream();
const { tenant } = stream;
const server = new MailServer();
const waitMsMax = { timeout: 20_000, interval: 20 };
const secretKey = randomBytes(32).toString('hex');
/** What channels may call beside the public internet. */
let allowed = '';
let smtpUrl: string;
let service: StartedService | undefined;

async function start(): Promise<void> {
  service = await startService(notifierService, {
    variables: {
      MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
      MILLRACE_REGISTRY_URL: testAddresses.registry,
      MILLRACE_HTTP_PORT: '0',
      MILLRACE_LOG_LEVEL: 'error',
      MILLRACE_NOTIFIER_GROUP: stream.groupId,
      MILLRACE_SECRET_KEY: secretKey,
      MILLRACE_OUTBOUND_ALLOWED: allowed,
      MILLRACE_SMTP_URL: smtpUrl,
      MILLRACE_SMTP_FROM: 'Mill Alarms <alarm@mill.example>',
    },
    onCrash: (error) => {
      throw error;
    },
    signal: AbortSignal.timeout(30_000),
  });
  const { url } = service;
  await vi.waitFor(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(200), waitMsMax);
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${service?.url}/metrics`)).text();
  return Number(new RegExp(`^millrace_notifier_${name} (\\d+)`, 'm').exec(text)?.[1]);
}

async function hop(): Promise<HopReport | undefined> {
  const { hops } = (await (await fetch(`${service?.url}/v1/accounting`)).json()) as AccountingReport;
  return hops.find((one) => one.hop === 'notify');
}

/** A rule with a name of its own that tells these people. */
async function ruleFor(ruleId: string, ...recipients: readonly string[]): Promise<void> {
  await stream.publish(entityKinds.alarmRules, {
    tenant,
    ruleId,
    version: 1,
    name: 'Too hot',
    productId: 'oven',
    deviceUid: null,
    signal: 'temperature',
    grades: [{ severity: 'critical', low: 90, high: null }],
    deadband: 0,
    notify:
      recipients.length === 0
        ? []
        : [{ channelId: ruleId === 'robot' ? 'group' : 'mail', templateId: 'text', recipients }],
  });
}

beforeAll(async () => {
  smtpUrl = await server.listen();
  await ensureTopics(stream.kafka, topicsOf(notifierService), { mayCreate: true });
  await stream.publish(entityKinds.channels, {
    tenant,
    channelId: 'mail',
    kind: 'email',
    settings: {},
    secretsSealed: null,
  });
  await stream.publish(entityKinds.templates, {
    tenant,
    templateId: 'text',
    subject: '[${severity}] ${device}: ${rule}',
    body: '${signal} is ${value}, ${transition} at ${time}.\n',
  });
  await stream.begin();
});
afterEach(async () => {
  await service?.app.close();
  service = undefined;
});
afterAll(async () => {
  await stream.close();
  await server.close();
});

test('an alarm is a mail within two seconds, and its deliveries are in the ledger', async () => {
  await ruleFor('two', 'a1@mill.example', 'b1@mill.example');
  await start();
  const event = stream.event('two');
  await stream.send(event);
  await vi.waitFor(() => expect(server.mails).toHaveLength(2), waitMsMax);
  const [first] = server.to('a1@mill.example');
  expect(first).toMatchObject({
    subject: '[critical] oven-1: Too hot',
    text: 'temperature is 93.5, raised at 2025-11-21T09:00:00.123Z.\n',
  });
  expect((first?.receivedAtMs ?? Infinity) - event.receivedAtMicros / 1_000).toBeLessThan(2_000);
  const outcomes = ['a1 1 delivered', 'a1 1 started', 'b1 1 delivered', 'b1 1 started'];
  await vi.waitFor(() => expect(stream.outcomesOf(event).toSorted()).toEqual(outcomes), waitMsMax);
});

test('an alarm is a signed message to a DingTalk robot, whose token and key were published sealed', async () => {
  const asked: { readonly url: URL; readonly body: string }[] = [];
  const robot = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      asked.push({
        url: new URL(request.url ?? '', 'http://robot'),
        body: Buffer.concat(chunks as Buffer[]).toString(),
      });
      response.end('{"errcode":0,"errmsg":"ok"}');
    });
  }).listen(0, '127.0.0.1');
  await once(robot, 'listening');
  allowed = `127.0.0.1:${(robot.address() as AddressInfo).port}`;
  const channel = { tenant, channelId: 'group' };
  const secrets = new KeyedSecrets(SecretKey.fromEnvironment(secretKey));
  const sealed = secrets.seal('{"accessToken":"t0ken","secret":"SECx"}', channelSecretsPurpose(channel), null);
  const settings = { url: `http://${allowed}/robot/send` };
  await stream.publish(entityKinds.channels, { ...channel, kind: 'dingtalk', settings, secretsSealed: sealed });
  await ruleFor('robot', '13800000001');
  await start();
  const event = stream.event('robot');
  await stream.send(event);
  await vi.waitFor(() => expect(asked).toHaveLength(1), waitMsMax);
  const { searchParams } = asked[0]!.url;
  const timestamp = searchParams.get('timestamp') ?? '';
  const expected = createHmac('sha256', 'SECx').update(`${timestamp}\nSECx`).digest('base64');
  expect([searchParams.get('access_token'), searchParams.get('sign')]).toEqual(['t0ken', expected]);
  expect(JSON.parse(asked[0]!.body)).toMatchObject({ at: { atMobiles: ['13800000001'] } });
  await vi.waitFor(() => expect(stream.outcomesOf(event)).toContain('13800000001 1 delivered'), waitMsMax);
  robot.close();
});

test('an event that comes again, also to another process, is not told again', async () => {
  await ruleFor('again', 'a2@mill.example');
  await start();
  const event = stream.event('again');
  await stream.send(event);
  await vi.waitFor(() => expect(server.to('a2@mill.example')).toHaveLength(1), waitMsMax);
  await service?.app.close();
  await start();
  const last = stream.event('again');
  await stream.send(event, last);
  await vi.waitFor(() => expect(stream.outcomesOf(last)).toContain('a2 1 delivered'), waitMsMax);
  expect(server.to('a2@mill.example')).toHaveLength(2);
});

test('a delivery that a crash cut off is sent again under the same Message-ID, and counted', async () => {
  await ruleFor('crash', 'a3@mill.example');
  const event = stream.event('crash');
  const { eventId } = event;
  const timeMicros = Date.now() * 1_000;
  await stream.writeAttempt(attemptOf({ eventId, tenant, recipient: 'a3@mill.example', timeMicros }));
  await start();
  await stream.send(event);
  await vi.waitFor(() => expect(server.to('a3@mill.example')).toHaveLength(1), waitMsMax);
  const [delivery] = deliveriesOf(event, {
    notify: [{ channelId: 'mail', templateId: 'text', recipients: ['a3@mill.example'] }],
  });
  expect(server.to('a3@mill.example')[0]?.messageId).toBe(`<${notificationId(delivery!)}@mill.example>`);
  const outcomes = ['a3 1 started', 'a3 2 started', 'a3 2 delivered'];
  await vi.waitFor(() => expect(stream.outcomesOf(event)).toEqual(outcomes), waitMsMax);
  expect(await metric('deliveries_interrupted_total')).toBe(1);
});

test('a mailbox that is busy is tried again, and delays nobody else on its partition', async () => {
  await ruleFor('busy', 'a4@mill.example', 'busy@mill.example');
  await start();
  server.refusals.set('busy@mill.example', 450);
  const event = stream.event('busy');
  await stream.send(event);
  await vi.waitFor(() => expect(stream.outcomesOf(event)).toContain('busy 1 failed'), waitMsMax);
  const next = stream.event('busy');
  await stream.send(next);
  await vi.waitFor(() => expect(server.to('a4@mill.example')).toHaveLength(2), { timeout: 4_000, interval: 20 });
  server.refusals.clear();
  await vi.waitFor(() => expect(server.to('busy@mill.example')).toHaveLength(2), waitMsMax);
  expect(server.to('a4@mill.example')).toHaveLength(2);
  expect(stream.letters.filter(({ code }) => code === 'channel_unavailable')).toEqual([]);
});

test('a recipient whom the server refuses is abandoned, with a dead letter, and the others are told', async () => {
  await ruleFor('gone', 'a5@mill.example', 'gone@mill.example');
  await start();
  server.refusals.set('gone@mill.example', 550);
  const event = stream.event('gone');
  await stream.send(event);
  const outcomes = ['a5 1 delivered', 'a5 1 started', 'gone 1 abandoned', 'gone 1 started'];
  await vi.waitFor(() => expect(stream.outcomesOf(event).toSorted()).toEqual(outcomes), waitMsMax);
  await vi.waitFor(
    () => expect(stream.letters).toContainEqual({ key: `${tenant}/oven-1`, code: 'recipient_rejected' }),
    waitMsMax,
  );
  expect(await metric('deliveries_abandoned_total')).toBe(1);
});

test('nobody is told of an alarm of a suspended tenant, now or later; it is counted, and the next one is told', async () => {
  await ruleFor('suspended', 'a7@mill.example');
  await stream.publish(entityKinds.tenants, stream.entry('suspended'));
  await start();
  const withheld = stream.event('suspended');
  await stream.send(withheld);
  await vi.waitFor(async () => expect((await hop())?.rejected).toEqual({ tenant_suspended: 1 }), waitMsMax);
  await service?.app.close();
  await stream.publish(entityKinds.tenants, stream.entry('active'));
  await start();
  const next = stream.event('suspended');
  await stream.send(next);
  await vi.waitFor(() => expect(stream.outcomesOf(next)).toContain('a7 1 delivered'), waitMsMax);
  expect(server.to('a7@mill.example')).toHaveLength(1);
  expect(stream.outcomesOf(withheld)).toEqual([]);
  expect(stream.letters.filter(({ code }) => code === 'tenant_suspended')).toEqual([]);
});

test('a service that is told to end in the middle leaves the delivery to the next one', async () => {
  await ruleFor('stop', 'a6@mill.example');
  await start();
  server.refusals.set('a6@mill.example', 450);
  const event = stream.event('stop');
  await stream.send(event);
  await vi.waitFor(() => expect(stream.outcomesOf(event)).toContain('a6 1 failed'), waitMsMax);
  await service?.app.close();
  server.refusals.clear();
  await start();
  await vi.waitFor(() => expect(server.to('a6@mill.example')).toHaveLength(1), waitMsMax);
  await vi.waitFor(() => expect(stream.outcomesOf(event).at(-1)).toMatch(/^a6 \d delivered$/), waitMsMax);
});
