/** Every route there is, asked by everybody who may not: nobody gets in, and nothing of a tenant comes out. */
import { generateKey, keyIdOf } from '@millrace/auth';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { scopeNames } from '@millrace/config';
import { ApiUnderTest } from './testing/api-under-test.ts';
import { type Asked, askRoute } from './testing/ask-route.ts';
import { declaredRoutes, type Route } from './testing/routes.ts';

const tenantScopes = ['ingest', 'read', 'write', 'admin'] as const;
const api = new ApiUnderTest(tenantScopes);

/** Stands in every text of the tenant that an answer could show. */
const canary = 'canary-8431';
const password = `${canary}-password`;
const expired = generateKey();
const foreign = generateKey();
/** A key without it, by scope. */
const without = new Map(tenantScopes.map((scope) => [scope, generateKey()]));

const routes = declaredRoutes();
const guarded = routes.filter(({ open }) => open === undefined);

const ask = (
  route: Route,
  authorization: string | undefined,
  more?: Readonly<Record<string, string>>,
): Promise<Asked> => askRoute(api, route, authorization, more);

beforeAll(async () => {
  await api.start();
  const { tenant, other } = api;
  const key = (owner: string, one: string, scopes: readonly string[], expiresAt: string | null = null) => ({
    tenant: owner,
    keyId: keyIdOf(one),
    key: one,
    scopes,
    expiresAt,
  });
  await api.apply({
    tenants: [tenant, other].map((name) => ({ tenant: name, name, ownTable: true })),
    products: [{ tenant, productId: 'pump', name: canary, signals: [{ name: 't', description: canary }] }],
    devices: [
      { tenant, deviceUid: 'd1', productId: 'pump', name: canary, attributes: { note: canary }, passwords: [password] },
    ],
    templates: [{ tenant, templateId: 'canary', subject: canary, body: canary }],
    channels: [{ tenant, channelId: 'canary', kind: 'email', settings: { note: canary }, secrets: { password } }],
    scripts: [{ tenant, scriptId: 'canary', source: `const decodeUplink = () => ({ data: {} }); // ${canary}` }],
    apiKeys: [
      key(tenant, expired, scopeNames, '2020-01-01T00:00:00Z'),
      key(tenant, api.key, tenantScopes),
      key(other, foreign, tenantScopes),
      ...[...without].map(([scope, one]) =>
        key(
          tenant,
          one,
          tenantScopes.filter((name) => name !== scope),
        ),
      ),
    ],
  });
  const opens = async (one: string): Promise<void> =>
    vi.waitFor(async () => expect((await api.get('/v1/access', one)).status).not.toBe(401), 10_000);
  await Promise.all([foreign, ...without.values()].map(opens));
}, 60_000);
afterAll(() => api.close(), 30_000);

test.each(guarded)('$name is closed to nobody, an expired key and a device', async (route) => {
  const basic = `Basic ${btoa(`${api.tenant}/d1:${password}`)}`;
  for (const authorization of [undefined, `Bearer ${expired}`, basic, `Bearer ${password}`]) {
    const { status, text } = await ask(route, authorization);
    expect(status, authorization?.slice(0, 12)).toBe(401);
    expect(text).not.toContain(canary);
  }
});

test.each(guarded)('$name is closed to a key that lacks a scope', async (route) => {
  for (const scope of route.scopes ?? []) {
    const key = scope === 'platform' ? api.key : without.get(scope)!;
    const { status, text } = await ask(route, `Bearer ${key}`);
    expect(status, scope).toBe(403);
    expect(text).not.toContain(canary);
  }
});

test.each(guarded)('$name shows and changes nothing of another tenant', async (route) => {
  const before = await (await api.get('/v1/devices/d1')).text();
  expect(before).toContain(canary);
  const asked = await ask(route, `Bearer ${foreign}`);
  expect(asked.text).not.toContain(canary);
  // Of a route whose body is wrong, the body is told first.
  if (/:(id|uid|statisticId)/.test(route.path)) expect([400, 403, 404]).toContain(asked.status);
  if (route.method === 'GET' && /:(id|uid|statisticId)/.test(route.path)) expect([403, 404]).toContain(asked.status);
  const named = await ask(route, `Bearer ${foreign}`, { 'millrace-tenant': api.tenant });
  expect(named.status).toBe(403);
  expect(await (await api.get('/v1/devices/d1')).text()).toBe(before);
});
