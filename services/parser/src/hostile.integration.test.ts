/** Scripts that attack and processes that are killed, seen from the topics: nobody loses anything but the attacker. */
import { entityKinds } from '@millrace/config';
import { topics } from '@millrace/contracts';
import { ensureTopics } from '@millrace/kafka';
import { startService, type StartedService, topicsOf } from '@millrace/platform';
import { Sandbox } from '@millrace/sandbox';
import { anyDevice, testAddresses } from '@millrace/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parserService } from './parser-service.ts';
import { rawBatch, rawMessage } from './testing/raw-messages.ts';
import { TestStream } from './testing/stream.ts';

const stream = new TestStream();
const { tenant } = stream;
const waitMsMax = { timeout: 45_000, interval: 20 };
let service: StartedService;

const good = 'const decodeUplink = ({ bytes }) => ({ data: { value: bytes[0] * 256 + bytes[1] } });';

/** By the uid of the device that has the script: language, source, how it may end. */
const attacks: Readonly<Record<string, readonly [string, string, RegExp]>> = {
  loop: ['javascript', 'function decodeUplink() { for (;;); }', /timeout/],
  giant: [
    'javascript',
    'const decodeUplink = () => "x".repeat(2 ** 29 - 24).split("").length;',
    /timeout|memory|killed/,
  ],
  host: ['javascript', 'const decodeUplink = () => ({ data: { secret: process.env } });', /threw/],
  cycle: [
    'javascript',
    'const decodeUplink = () => { const data = {}; data.data = data; return { data }; };',
    /result/,
  ],
  catcher: ['lua', 'function decodeUplink() while true do pcall(function() while true do end end) end end', /timeout/],
  files: [
    'lua',
    'function decodeUplink() return { data = { secret = io.open("/etc/passwd"):read("a") } } end',
    /threw/,
  ],
  hoarder: [
    'python',
    'def decodeUplink(input):\n  all = []\n  while True: all.append(bytes(1000000))',
    /memory|threw|timeout/,
  ],
  importer: [
    'python',
    'import js\ndef decodeUplink(input):\n  return {"data": {"secret": js.process.env}}',
    /invalid|threw/,
  ],
};

async function configure(deviceUid: string, language: string, source: string): Promise<void> {
  await stream.publish(entityKinds.scripts, { tenant, scriptId: deviceUid, version: 3, language, source });
  const product = { tenant, productId: deviceUid, name: '', scriptId: deviceUid, keepRawPayload: false, signals: [] };
  await stream.publish(entityKinds.products, product);
  await stream.publish(entityKinds.devices, anyDevice(tenant, deviceUid, { productId: deviceUid }));
}

beforeAll(async () => {
  await ensureTopics(stream.kafka, topicsOf(parserService), { mayCreate: true });
  for (const [deviceUid, [language, source]] of Object.entries(attacks)) await configure(deviceUid, language, source);
  for (const deviceUid of devices) await configure(deviceUid, 'javascript', good);
  await stream.begin();
  service = await startService(parserService, {
    variables: {
      MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
      MILLRACE_REGISTRY_URL: testAddresses.registry,
      MILLRACE_HTTP_PORT: '0',
      MILLRACE_LOG_LEVEL: 'error',
      MILLRACE_PARSER_GROUP: stream.groupId,
    },
    onCrash: (error) => {
      throw error;
    },
    signal: AbortSignal.timeout(30_000),
  });
  await vi.waitFor(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), waitMsMax);
});
afterAll(async () => {
  await service.app.close();
  await stream.close();
});

const devices = ['d1', 'd2', 'd3', 'd4'];
const payloadOf = (number: number): Buffer => Buffer.from([number >> 8, number & 255]);

test('attacks between good messages of one record wait in the dead letters with their version and reason', async () => {
  const uids = Object.keys(attacks).flatMap((attacker, index) => [devices[index % devices.length]!, attacker]);
  const messages = uids.map((deviceUid, number) => rawMessage({ tenant, deviceUid, payload: payloadOf(number) }));
  const codec = await stream.registry.codec(topics.raw);
  await stream.write(topics.raw, stream.partitionOf('d1'), null, [codec.encode(rawBatch(messages))]);
  await vi.waitFor(() => expect(stream.letters).toHaveLength(Object.keys(attacks).length), waitMsMax);
  for (const { raw, headers } of stream.letters) {
    const { deviceUid = '' } = raw.messages[0] ?? {};
    expect(headers['errors.script']).toBe(`${deviceUid}@3`);
    expect(headers['errors.code'], deviceUid).toMatch(attacks[deviceUid]![2]);
    expect(headers['errors.message'], deviceUid).not.toBe('');
  }
  await vi.waitFor(() => expect(devices.flatMap((uid) => stream.valuesOf(uid, 'value'))).toHaveLength(8), waitMsMax);
  for (const [index, uid] of devices.entries())
    expect(stream.valuesOf(uid, 'value')).toEqual([2 * index, 2 * index + 8]);
});

test('processes killed under load lose no message, give none twice, and keep the order of each device', async () => {
  const rounds = 12;
  const perRound = 40;
  const before = stream.letters.length;
  const from = new Map(devices.map((uid) => [uid, stream.valuesOf(uid, 'value').length]));
  const killed = killWhileCalled(service.app.get(Sandbox));
  const numbersUntil = (round: number): readonly number[] => [...Array(round * perRound).keys()];
  const valuesOf = (uid: string): readonly unknown[] => stream.valuesOf(uid, 'value').slice(from.get(uid));
  for (let round = 0; round < rounds; round += 1) {
    const payloads = Array.from({ length: perRound }, (_, index) => payloadOf(round * perRound + index));
    await Promise.all(devices.map((uid) => stream.send(uid, payloads)));
    const wanted = numbersUntil(round + 1).length;
    await vi.waitFor(() => {
      for (const uid of devices) expect(valuesOf(uid).length).toBeGreaterThanOrEqual(wanted);
    }, waitMsMax);
  }
  for (const uid of devices) expect(valuesOf(uid), uid).toEqual(numbersUntil(rounds));
  expect(stream.letters).toHaveLength(before);
  expect(killed.length).toBeGreaterThan(2);
});

/** Of three calls one loses the process that it was just sent to. Gives the processes that were killed. */
function killWhileCalled(sandbox: Sandbox): readonly number[] {
  const killed: number[] = [];
  const call = sandbox.call.bind(sandbox);
  let calls = 0;
  vi.spyOn(sandbox, 'call').mockImplementation((...parameters) => {
    const answer = call(...parameters);
    const [pid] = sandbox.pids;
    calls += 1;
    if (pid !== undefined && calls % 3 === 0)
      setImmediate(() => {
        process.kill(pid, 'SIGKILL');
        killed.push(pid);
      });
    return answer;
  });
  return killed;
}
