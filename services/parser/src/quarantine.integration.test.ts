/** Promise: a script that keeps breaking its limits rests, everybody who may can see it, and one call lets it run again. */
import { entityKinds } from '@millrace/config';
import { ensureTopics } from '@millrace/kafka';
import { startService, type StartedService, topicsOf } from '@millrace/platform';
import { anyDevice, testAddresses } from '@millrace/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parserService } from './parser-service.ts';
import { TestStream } from './testing/stream.ts';

const stream = new TestStream();
const { tenant } = stream;
const waitMsMax = { timeout: 30_000, interval: 20 };
let service: StartedService;

const looping = `function decodeUplink({ bytes }) {
  while (bytes[0] === 1);
  return { data: { first: bytes[0] } };
}`;

beforeAll(async () => {
  await ensureTopics(stream.kafka, topicsOf(parserService), { mayCreate: true });
  await stream.publish(entityKinds.scripts, {
    tenant,
    scriptId: 'loop',
    version: 3,
    language: 'javascript',
    source: looping,
  });
  const product = { tenant, productId: 'pump', name: '', scriptId: 'loop', keepRawPayload: false, signals: [] };
  await stream.publish(entityKinds.products, product);
  await stream.publish(entityKinds.devices, anyDevice(tenant, 'd1', { productId: 'pump' }));
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
}, 60_000);

afterAll(async () => {
  await service?.app.close();
  await stream.close();
}, 30_000);

async function ask(query: string, method = 'GET'): Promise<Readonly<Record<string, unknown>>> {
  const response = await fetch(`${service.url}/v1/sandbox/quarantine${query}`, { method });
  return { status: response.status, ...((await response.json()) as object) };
}

const codes = (): readonly unknown[] => stream.letters.map(({ headers }) => headers['errors.code']);

test('what rests is listed for its tenant, its messages are dead letters, and cleared it runs at once', async () => {
  for (let sent = 1; !codes().includes('script_quarantined'); sent += 1) {
    await stream.send('d1', [Buffer.from([1])]);
    await vi.waitFor(() => expect(codes()).toHaveLength(sent), waitMsMax);
  }
  expect(new Set(codes().slice(0, -1))).toEqual(new Set(['script_timeout']));
  const listed = await ask(`?tenant=${tenant}`);
  expect(listed).toMatchObject({
    status: 200,
    entries: [{ scriptId: 'loop', version: 3, device: 'd1', reason: 'timeout', restsUntil: expect.any(String) }],
  });
  expect(await ask('?tenant=somebody')).toEqual({ status: 200, entries: [] });
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toMatch(/^millrace_parser_quarantines_total [1-9]/m);

  const clear = (device: string) => ask(`?tenant=${tenant}&scriptId=loop&device=${device}`, 'DELETE');
  expect(await clear('d2')).toEqual({ status: 200, cleared: 0 });
  expect(await clear('d1')).toEqual({ status: 200, cleared: 1 });
  await stream.send('d1', [Buffer.from([2])]);
  await vi.waitFor(() => expect(stream.valuesOf('d1', 'first')).toEqual([2]), waitMsMax);
  expect(await ask(`?tenant=${tenant}`)).toEqual({ status: 200, entries: [] });
});

test.each(['', '?tenant=A', '?tenant=acme&script=x'])('the question %s is refused', async (query) => {
  expect(await ask(query, 'DELETE')).toMatchObject({ status: 400, code: 'invalid_field' });
});
