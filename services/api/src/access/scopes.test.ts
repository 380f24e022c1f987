/** What a key may do is declared at every route, or the build fails here. */
import { expect, test } from 'vitest';
import { scopeNames } from '@millrace/config';
import { declaredRoutes } from '../testing/routes.ts';

const routes = declaredRoutes();

test('there are routes to look at, each once', () => {
  expect(routes.length).toBeGreaterThan(40);
  expect(new Set(routes.map(({ name }) => name)).size).toBe(routes.length);
});

test.each(routes)('$name says which scopes it needs, or why it is open', ({ scopes, open }) => {
  expect((scopes === undefined) !== (open === undefined), 'either Needs or Public').toBe(true);
  if (scopes) expect(scopeNames).toEqual(expect.arrayContaining([...scopes]));
});

test('few routes are open', () => {
  const open = routes.filter((one) => one.open !== undefined).map(({ name }) => name);
  expect(open.toSorted()).toEqual([
    'GET /',
    'GET /screen/:file',
    'GET /screen/:folder/:file',
    'GET /v1/accounting/sum',
    'POST /v1/certificate-renewals',
    'POST /v1/registrations',
  ]);
});
