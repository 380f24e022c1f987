/** Against a real Kafka, with two gateways. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { GatewayBench, type TenantSettings } from './testing/gateway-bench.ts';

let bench: GatewayBench;

beforeAll(async () => {
  bench = await GatewayBench.start(2);
}, 60_000);

afterEach(() => configure({}, 200));

afterAll(() => bench.close(), 30_000);

const single = (instance = 0): Promise<Response> => bench.post('/v1/messages', bench.basic('d1'), 'x', instance);

/** Publishes it and waits until both gateways answer a device so. */
async function configure(settings: TenantSettings, status: number): Promise<void> {
  await bench.publish({ tenants: [bench.tenantWith(settings)] });
  for (const instance of [0, 1])
    await vi.waitFor(async () => expect((await single(instance)).status).toBe(status), 10_000);
}

/** A hundred messages at once. */
const batch = (): Promise<Response> => {
  const messages = Array.from({ length: 100 }, (_, number) => ({ device: 'd2', id: `${number}`, json: 'over' }));
  return bench.post('/v1/messages/batch', `Bearer ${bench.key}`, JSON.stringify({ messages }));
};

test('a tenant beyond its quota is told so over every protocol, and nothing of a refused batch is in the raw topic', async () => {
  await configure({ messagesPerSecond: 10 }, 200);
  expect((await batch()).status).toBe(200);
  const refused = await batch();
  expect(refused.status).toBe(429);
  const seconds = Number(refused.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(1);
  expect(await refused.json()).toMatchObject({
    code: 'quota_exceeded',
    retry: 'later',
    quota: { name: 'messagesPerSecond', limit: 10, retryAfterSeconds: seconds },
  });
  const [greeting, answer] = await bench.lines('d1', 'over\n');
  expect(greeting).toBe('OK');
  expect(answer).toMatch(/^ERR quota_exceeded The tenant may have 10 messages per second; send again in \d+ s\.$/);
  await configure({}, 200);
  const [, receipt = ''] = await bench.lines('d2', 'the last one\n');
  const ids = () => bench.received.map(({ messageId }) => `OK ${messageId.toString('hex')}`);
  await vi.waitFor(() => expect(ids()).toContain(receipt), 20_000);
  expect(bench.received.filter(({ payload }) => payload.toString().includes('over'))).toHaveLength(100);
});

test('two gateways keep to one quota together', async () => {
  await configure({ messagesPerSecond: 40 }, 200);
  const untilMs = Date.now() + 11_000;
  const taken: number[] = [];
  const send = async (instance: number): Promise<void> => {
    while (Date.now() < untilMs) if ((await single(instance)).status === 200) taken.push(Date.now());
  };
  await Promise.all([0, 0, 1, 1].map(send));
  expect(taken.length).toBeLessThan(40 * (11 + 5 + 5 + 2));
  // By then the reserves are gone, and what each took before it heard of the other.
  const settled = taken.filter((atMs) => atMs > untilMs - 4_000).length / 4;
  expect(settled).toBeGreaterThan(40 * 0.75);
  expect(settled).toBeLessThan(40 * 1.15);
}, 30_000);

test.each([
  ['suspended', 403, 'tenant_suspended'],
  ['deleted', 401, 'unauthenticated'],
] as const)(
  'devices of a tenant that is %s are refused with %i %s until it is active again',
  async (state, status, code) => {
    await configure({ state }, status);
    for (const authorization of [bench.basic('d1'), `Bearer ${bench.key}`])
      expect(await (await bench.post('/v1/messages/batch', authorization, '{}')).json()).toMatchObject({
        status,
        code,
      });
    expect(await bench.lines('d1', 'x\n')).toEqual([expect.stringContaining(`ERR ${code} `)]);
  },
);

test('what is refused is accounted for', async () => {
  for (const name of ['http', 'tcp']) {
    const hop = await bench.hop(name);
    expect(hop?.rejected.quota_exceeded).toBeGreaterThan(0);
    const rejected = Object.values(hop!.rejected).reduce((sum, count) => sum + count, 0);
    expect(hop).toMatchObject({ in: hop!.out + rejected, inFlight: 0 });
  }
});
