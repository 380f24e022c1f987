import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Configuration } from '@millrace/config';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Quarantined } from './service-answers.ts';
import { QuarantineController } from './quarantine.controller.ts';

let servers: Server[];
let asked: string[];
beforeEach(() => ([servers, asked] = [[], []]));
afterEach(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** An instance that has put this into quarantine; undefined: a service that runs no scripts. */
async function service(entries: readonly Quarantined[] | undefined): Promise<string> {
  const server = createServer(({ method, url }, response) => {
    asked.push(`${method} ${url}`);
    response.statusCode = entries ? 200 : 404;
    response.end(JSON.stringify(method === 'DELETE' ? { cleared: entries?.length } : { entries }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function controllerOf(...addresses: readonly string[]): QuarantineController {
  const configuration = new Configuration();
  const script = { tenant: 'acme', scriptId: 'pump', version: 1, language: 'javascript', source: '' };
  configuration.apply('scripts', 'acme/pump', script);
  return new QuarantineController({ MILLRACE_ACCOUNTING_URLS: addresses } as never, { configuration } as never);
}

const rest = (device: string | null, minute: number): Quarantined => ({
  scriptId: 'pump',
  version: 1,
  device,
  reason: 'timeout',
  failures: 3,
  restsUntil: `2026-03-01T12:0${minute}:00.000Z`,
});

const away = 'http://127.0.0.1:1';

test('what rests in several instances stands once, with its longest rest; services without scripts do not count', async () => {
  const first = await service([rest('d2', 1), rest(null, 2)]);
  const controller = controllerOf(first, await service([rest('d2', 3)]), await service(undefined));
  expect(await controller.list('acme')).toEqual({ items: [rest(null, 2), rest('d2', 3)], complete: true });
  expect(asked).toEqual(Array(3).fill('GET /v1/sandbox/quarantine?tenant=acme'));
});

test('an instance that does not answer is told', async () => {
  const controller = controllerOf(away, await service([rest('d2', 1)]));
  expect(await controller.list('acme')).toEqual({ items: [rest('d2', 1)], complete: false });
  expect(await controller.clear('acme', 'pump', {})).toEqual({ cleared: 1, complete: false });
});

test('every instance clears it, for all devices or for one', async () => {
  const controller = controllerOf(await service([rest('d2', 1)]), await service([]), await service(undefined));
  expect(await controller.clear('acme', 'pump', {})).toEqual({ cleared: 1, complete: true });
  expect(await controller.clear('acme', 'pump', { device: 'd2' })).toEqual({ cleared: 1, complete: true });
  expect(asked.at(0)).toBe('DELETE /v1/sandbox/quarantine?tenant=acme&scriptId=pump');
  expect(asked.at(-1)).toBe('DELETE /v1/sandbox/quarantine?tenant=acme&scriptId=pump&device=d2');
});

test('a script of somebody else is none', async () => {
  const controller = controllerOf(await service([]));
  await expect(controller.clear('other', 'pump', {})).rejects.toMatchObject({ code: 'not_found' });
  expect(asked).toEqual([]);
});
