/** How an export ends, seen from the outside. */
import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MillraceError } from '@millrace/contracts';
import { systemClock } from '@millrace/kernel';
import { invalidFields, ProblemFilter } from '@millrace/platform';
import { ScopeGuard } from '@millrace/platform/rest';
import type { NamedPoint } from '@millrace/timeseries';
import { type CanActivate, type ExecutionContext, StandardSchemaValidationPipe } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { ExportController } from './export.controller.ts';
import { PointExports } from './point-exports.ts';

const curl = promisify(execFile);
const point: NamedPoint = {
  device: 'd1',
  signal: 't',
  timeMicros: 0,
  seq: 0,
  value: 1,
  quality: 0,
  receivedAtMicros: 0,
};
const page = Array.from({ length: 20_000 }, (_, n) => ({ ...point, value: n, timeMicros: n }));

/** What the store gives in this test. */
let pages: (gone: AbortSignal) => AsyncGenerator<readonly NamedPoint[]>;
let given = 0;
let cut = 0;
let exports: PointExports;
let app: NestFastifyApplication;
let url = '';

const keyOfAcme: CanActivate = {
  canActivate(context: ExecutionContext) {
    context.switchToHttp().getRequest<{ caller: object }>().caller = { tenant: 'acme' };
    return true;
  },
};

beforeAll(async () => {
  exports = new PointExports({
    deviceData: { pages: (_tenant, _wanted, gone) => pages(gone) },
    clock: systemClock,
    events: { pointsExported: () => undefined, exportCut: () => void (cut += 1) },
  });
  const module = Test.createTestingModule({
    controllers: [ExportController],
    providers: [{ provide: PointExports, useValue: exports }],
  });
  module.overrideGuard(ScopeGuard).useValue(keyOfAcme);
  app = (await module.compile()).createNestApplication<NestFastifyApplication>(new FastifyAdapter(), {
    logger: false,
    forceCloseConnections: true,
  });
  app.useGlobalPipes(new StandardSchemaValidationPipe({ exceptionFactory: invalidFields }));
  app.useGlobalFilters(new ProblemFilter({ write: () => undefined }));
  await app.listen(0, '127.0.0.1');
  url = `${await app.getUrl()}/v1/points/export?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z`;
});

beforeEach(() => {
  given = 0;
  cut = 0;
});

afterAll(() => app.close());

async function* pagesOf(count: number, failure?: MillraceError): AsyncGenerator<readonly NamedPoint[]> {
  for (; given < count; given += 1) yield page;
  if (failure) throw failure;
}

const unavailable = new MillraceError('store_unavailable', 'QuestDB went away.');

test.each(['csv', 'parquet'])(
  '%s: a file that is complete ends properly, one that is cut off breaks',
  async (format) => {
    pages = () => pagesOf(3);
    const { stdout } = await curl('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', `${url}&format=${format}`]);
    expect(stdout).toBe('200');
    given = 0;
    pages = () => pagesOf(3, unavailable);
    const broken = curl('curl', ['-s', '-o', '/dev/null', `${url}&format=${format}`]);
    // 18: CURLE_PARTIAL_FILE.
    await expect(broken).rejects.toMatchObject({ code: 18 });
    expect(cut).toBe(1);
  },
);

test('a store that is away at the first page is an error and no file', async () => {
  pages = () => pagesOf(0, unavailable);
  const response = await fetch(url);
  expect(response.status).toBe(503);
  expect(response.headers.get('content-disposition')).toBeNull();
  expect(cut).toBe(0);
});

test('no page is read ahead of a client that takes nothing', async () => {
  pages = () => pagesOf(100);
  const span = { devices: [], signals: [], fromMicros: 0, toMicros: 1 };
  const leaving = new AbortController();
  const { body } = await exports.begin('acme', 'csv', span, leaving.signal);
  body.on('readable', () => undefined);
  await vi.waitFor(() => expect(body.readableLength).toBeGreaterThan(0));
  await new Promise((resolve) => setImmediate(resolve));
  expect(given).toBeLessThanOrEqual(1);
  body.destroy();
  leaving.abort();
});

test('a query is told when its client has left', async () => {
  let query: AbortSignal | undefined;
  pages = (gone) => {
    query = gone;
    return pagesOf(1_000);
  };
  const leaving = new AbortController();
  const { body } = await fetch(url, { signal: leaving.signal });
  await body?.getReader().read();
  expect(query?.aborted).toBe(false);
  leaving.abort();
  await vi.waitFor(() => expect(query?.aborted).toBe(true));
  expect(cut).toBe(0);
});

test('a tenant has two exports at a time', async () => {
  pages = () => pagesOf(1_000);
  const leaving = new AbortController();
  const running = await Promise.all([1, 2].map(() => fetch(url, { signal: leaving.signal })));
  expect(running.map(({ status }) => status)).toEqual([200, 200]);
  expect((await fetch(url)).status).toBe(503);
  leaving.abort();
  given = 1_000;
  await vi.waitFor(async () => expect((await fetch(url)).status).toBe(200));
});
