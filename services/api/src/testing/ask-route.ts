/** A declared route, asked about a tenant of the tests. */
import { keyIdOf } from '@millrace/auth';
import type { ApiUnderTest } from './api-under-test.ts';
import type { Route } from './routes.ts';

export interface Asked {
  readonly status: number;
  /** Of a stream that is open: nothing; what it would send is not waited for. */
  readonly text: string;
}

/** With an empty object as body where the method has one. `more`: headers. */
export async function askRoute(
  api: ApiUnderTest,
  route: Route,
  authorization: string | undefined,
  more: Readonly<Record<string, string>> = {},
): Promise<Asked> {
  const ended = new AbortController();
  const sends = route.method !== 'GET' && route.method !== 'DELETE';
  const response = await fetch(api.url + pathOf(api, route), {
    method: route.method,
    headers: {
      ...(authorization !== undefined && { authorization }),
      ...(sends && { 'content-type': 'application/json' }),
      ...more,
    },
    ...(sends && { body: '{}' }),
    signal: ended.signal,
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') && response.ok;
  const text = isStream ? '' : await response.text();
  ended.abort();
  return { status: response.status, text };
}

/** What a route's parameter is called in the tenant; entities that tests make for it are called `canary`. */
function pathOf(api: ApiUnderTest, { path }: Route): string {
  const ids: Readonly<Record<string, string>> = {
    devices: 'd1',
    products: 'pump',
    statistics: 'mean',
    tenants: api.tenant,
    'api-keys': keyIdOf(api.key)!,
  };
  const fixed: Readonly<Record<string, string>> = { signal: 't', version: '1' };
  const folder = path.split('/')[2] ?? '';
  return path.replaceAll(/:(\w+)/g, (_, name: string) => fixed[name] ?? ids[folder] ?? 'canary');
}
