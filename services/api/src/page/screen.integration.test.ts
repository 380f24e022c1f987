/** What the page asks, and the page itself. */
import { problemAnswer } from '@millrace/platform/rest';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { consumers } from '../flow/flow-watch.ts';
import { flowAnswer } from '../flow/flow-answers.ts';
import {
  accessAnswer,
  alarmsAnswer,
  latestOfManyAnswer,
  limitsAnswer,
  trendsAnswer,
} from '../data/overview-answers.ts';
import { ApiUnderTest } from '../testing/api-under-test.ts';

const api = new ApiUnderTest();
beforeAll(() => api.start(), 60_000);
afterAll(() => api.close(), 30_000);

test('latest values and trends of several devices are those of the tenant', async () => {
  const span = 'from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:00.000004Z&buckets=2';
  const latest = async (key?: string) =>
    latestOfManyAnswer.parse(await (await api.get('/v1/latest?devices=d1,d2,absent', key)).json()).devices;
  const trends = async (key?: string) =>
    trendsAnswer.parse(await (await api.get(`/v1/trends?devices=d1,absent&${span}`, key)).json()).trends;
  expect(await latest()).toEqual([
    { device: 'd1', signals: { t: expect.objectContaining({ value: 21.5 }) } },
    { device: 'd2', signals: {} },
  ]);
  const course = { device: 'd1', mean: [1, 2.5], low: [0.5, 2.5], high: [1.5, 2.5] };
  expect(await trends()).toEqual([
    { signal: "it's", ...course },
    { signal: 't', ...course },
  ]);
  expect([await latest(api.otherKey), await trends(api.otherKey)]).toEqual([[], []]);
});

test('a key is told its tenant, its scopes, and nothing of another one', async () => {
  const parsed = async <T>(schema: { parse(value: unknown): T }, path: string, key?: string): Promise<T> =>
    schema.parse(await (await api.get(path, key)).json());
  expect(await parsed(accessAnswer, '/v1/access')).toEqual({
    tenant: api.tenant,
    name: api.tenant,
    scopes: ['read'],
    expiresAt: null,
  });
  expect(await parsed(alarmsAnswer, '/v1/alarms')).toEqual({ alarms: [], total: 0 });
  expect(await parsed(limitsAnswer, '/v1/devices/d1/alarm-limits')).toEqual({ rules: [] });
  const { stores } = await parsed(flowAnswer, '/v1/flow');
  expect(stores).toEqual(['Kafka', 'QuestDB', 'Redis'].map((name) => ({ name, answers: true })));
  await vi.waitFor(
    async () => expect((await parsed(flowAnswer, '/v1/flow')).lags).toHaveLength(consumers.length),
    10_000,
  );
});

test('a key that may only read does not send', async () => {
  const headers = { authorization: `Bearer ${api.key}`, 'content-type': 'application/json' };
  const request = { method: 'POST', headers, body: JSON.stringify({ payload: 'AAE=' }) };
  const response = await fetch(`${api.url}/v1/devices/d1/journeys`, request);
  expect([response.status, problemAnswer.parse(await response.json()).code]).toEqual([403, 'not_allowed']);
});

test('the page is served under a policy that lets in nothing from elsewhere', async () => {
  const page = await fetch(`${api.url}/`);
  expect(page.headers.get('content-security-policy')).toMatch(
    /default-src 'none'.*script-src 'self'.*trusted-types 'none'/,
  );
  const text = await page.text();
  expect(text).not.toMatch(/https?:|<style|style=|\son\w+=/);
  const files = [...text.matchAll(/(?:src|href)="(\/screen\/[^"]+)"/g)].map(([, path = '']) => path);
  expect(files.length).toBeGreaterThan(2);
  for (const path of files) {
    const file = await fetch(api.url + path);
    const known = { headers: { 'if-none-match': file.headers.get('etag') ?? '' } };
    expect([file.status, (await fetch(api.url + path, known)).status], path).toEqual([200, 304]);
  }
  for (const path of ['/screen/absent.js', '/screen/..%2Fpackage.json', '/screen/dom/main.d.ts'])
    expect((await fetch(api.url + path)).status, path).toBe(404);
});
