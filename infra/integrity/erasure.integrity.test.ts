/**
 * Promise: what a tenant had is gone after it was deleted, from every store and though its data goes on coming, and nothing of any
 * other tenant is: whatever the others write meanwhile, and wherever the api is killed.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Erasure } from '../cli/erasure.ts';
import { canary, ErasedTenants, gone, goneOwn, kept } from './erased-tenants.ts';
import { type PlantStack, startPlant } from './plant-stack.ts';
import { until } from '../stack/until.ts';

const steps = ['hide', 'configuration', 'tables', 'caches', 'topics', 'verify'];
/** A kill costs seconds: at each step with MILLRACE_TEST_ERASURE_KILLS=all. */
const killedAt = process.env['MILLRACE_TEST_ERASURE_KILLS'] === 'all' ? steps : ['tables'];
let plant: PlantStack;
let world: ErasedTenants;

beforeAll(async () => {
  plant = await startPlant({
    services: ['api', 'gateway', 'parser', 'historian', 'alarm-evaluator', 'statistics-scheduler', 'notifier'],
  });
  world = new ErasedTenants(plant);
  await world.configure();
  await world.send();
  await world.spread();
}, 240_000);
afterAll(() => plant?.stop(), 60_000);

async function receiptOf(tenant: string): Promise<Erasure> {
  return (await (await world.ask('GET', `/v1/erasures/${tenant}`)).json()) as Erasure;
}

const removed = ({ steps: done }: Erasure): Map<string, number> =>
  new Map(done.flatMap((step) => step.removed.map(({ name, unit, count }) => [`${name} ${unit}`, count])));

test('a deletion has to name the tenant once more, and nobody deletes what it stands on', async () => {
  expect((await world.ask('DELETE', `/v1/tenants/${gone}`)).status).toBe(400);
  expect((await world.ask('DELETE', `/v1/tenants/${gone}?confirm=${kept}`)).status).toBe(400);
  expect((await world.ask('DELETE', '/v1/tenants/platform?confirm=platform')).status).toBe(409);
  expect((await world.ask('DELETE', '/v1/tenants/nobody?confirm=nobody')).status).toBe(404);
  const asTenant = { authorization: `Bearer ${world.keys.get(gone)}` };
  expect((await world.ask('DELETE', `/v1/tenants/${gone}?confirm=${gone}`, undefined, asTenant)).status).toBe(403);
});

test('a deleted tenant is hidden at once, and erased whichever step the api is killed at', async () => {
  const before = { [gone]: await world.storedValues('points_forever', gone) };
  for (const tenant of [gone, goneOwn])
    expect((await world.ask('DELETE', `/v1/tenants/${tenant}?confirm=${tenant}`)).status).toBe(202);
  const inTenant = { 'millrace-tenant': gone };
  await vi.waitFor(
    async () => {
      const asTenant = { authorization: `Bearer ${world.keys.get(gone)}` };
      expect((await world.ask('GET', '/v1/devices', undefined, asTenant)).status).toBe(401);
      for (const path of ['/v1/devices', '/v1/alarms', '/v1/live', '/v1/points/export?from=2020-01-01T00:00:00Z'])
        expect((await world.ask('GET', path, undefined, inTenant)).status, path).toBe(404);
    },
    { timeout: 1_000, interval: 20 },
  );
  const kills: string[] = [];
  for (const step of killedAt) {
    const isAt = async (): Promise<boolean> => (await receiptOf(gone)).steps.some(({ name }) => name === step);
    expect(await until(isAt, 30_000, undefined, 5), `${step}: ${JSON.stringify(await receiptOf(gone))}`).toBe(true);
    await plant.stack.kill('api-1');
    kills.push(step);
    await plant.stack.ready();
  }
  for (const tenant of [gone, goneOwn])
    await vi.waitFor(
      async () => {
        const receipt = await receiptOf(tenant);
        expect(receipt, JSON.stringify(receipt)).toMatchObject({ state: 'done', failure: null });
      },
      { timeout: 60_000, interval: 200 },
    );
  const [shared, own] = [await receiptOf(gone), await receiptOf(goneOwn)];
  expect(shared.attempts).toBeGreaterThanOrEqual(kills.length);
  expect(shared.steps.map(({ name, endedAt }) => [name, endedAt !== null])).toEqual(steps.map((name) => [name, true]));
  expect(removed(shared).get('points_forever rows')).toBeGreaterThanOrEqual(before[gone]!.length);
  expect(removed(own).get(`points_t_${goneOwn} rows`)).toBeGreaterThan(0);
  for (const receipt of [shared, own]) {
    const counts = removed(receipt);
    expect([counts.get('devices entities'), counts.get('api_keys entities'), counts.get('latest values keys')]).toEqual(
      [2, 1, 2],
    );
    expect([counts.get('alarm.states.v1 records')]).toEqual([2]);
    expect(counts.get('alarm_events rows')).toBeGreaterThan(0);
    const expiry = receipt.expires.find(({ topic }) => topic === 'telemetry.points.v1')!;
    expect(Date.parse(expiry.at)).toBeGreaterThan(Date.now() + 3 * 86_400_000);
  }
}, 180_000);

test('nothing of the erased is left anywhere, and everything of the others is there', async () => {
  await world.stop();
  expect(await world.traces(kept)).not.toEqual([]);
  const expected = Array.from({ length: world.sent }, (_, index) => index);
  await vi.waitFor(async () => expect(await world.storedValues('points_forever', kept)).toEqual(expected), {
    timeout: 30_000,
    interval: 250,
  });
  const hops = (await plant.accounting('historian-1'))?.hops ?? [];
  expect(hops.find(({ hop }) => hop === 'store')?.rejected.tenant_deleted).toBeGreaterThan(0);
  for (const tenant of [gone, goneOwn]) expect(await world.traces(tenant), tenant).toEqual([]);
}, 60_000);

test("the receipt is for those who operate, and the name is nobody's any more", async () => {
  const asTenant = { authorization: `Bearer ${world.keys.get(kept)}` };
  for (const path of ['/v1/erasures', `/v1/erasures/${gone}`])
    expect((await world.ask('GET', path, undefined, asTenant)).status).toBe(403);
  const listed = await (await world.ask('GET', '/v1/erasures')).text();
  expect([listed.includes(gone), listed.includes(canary)]).toEqual([true, false]);
  const again = await world.ask('POST', '/v1/tenants', { tenant: gone, name: 'New' });
  expect([again.status, ((await again.json()) as { code: string }).code]).toEqual([409, 'tenant_erased']);
  const back = await world.ask('PATCH', `/v1/tenants/${gone}`, { state: 'active' });
  expect([back.status, ((await back.json()) as { code: string }).code]).toEqual([409, 'tenant_erased']);
});
