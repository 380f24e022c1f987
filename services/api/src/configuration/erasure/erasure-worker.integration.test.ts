/** Against a real PostgreSQL, with steps that a test commands: who goes on where, and what becomes of failures. */
import { Database, Erasures, migrate, ResourceRows } from '@millrace/control';
import { MillraceError } from '@millrace/contracts';
import { systemClock } from '@millrace/kernel';
import { newDatabase, type TestDatabase } from '@millrace/testkit/new-database';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ErasureWorker } from './erasure-worker.ts';

let made: TestDatabase;
let database: Database;
let erasures: Erasures;
/** Steps as they began. */
const begun: string[] = [];
/** What `second` does. */
let second: (signal: AbortSignal) => Promise<void>;
const workers: ErasureWorker[] = [];
const within = { timeout: 10_000, interval: 20 };

beforeAll(async () => {
  made = await newDatabase();
  database = new Database(made.url, () => undefined);
  await migrate(database);
  erasures = new Erasures(database);
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop();
  begun.length = 0;
});
afterAll(async () => {
  await database.close();
  await made.drop();
});

async function deleted(tenant: string): Promise<void> {
  await database.ofTenant(tenant, (transaction) =>
    new ResourceRows(transaction, tenant).create('tenants', tenant, { tenant, name: tenant }),
  );
  await erasures.ask(tenant, 'k1', (body) => body);
}

function started(): ErasureWorker {
  const step = (name: string, run: (signal: AbortSignal) => Promise<void>) =>
    [
      name,
      async ({ tenant }: { readonly tenant: string }, signal: AbortSignal) => {
        begun.push(`${tenant} ${name}`);
        await run(signal);
      },
    ] as const;
  const events = {
    erasureBegan: vi.fn(),
    erasureStepEnded: vi.fn(),
    erasureEnded: vi.fn(),
    erasureFailed: vi.fn(),
    erasingFailed: vi.fn(),
  };
  const all = [step('first', async () => undefined), step('second', (signal) => second(signal))];
  const worker = new ErasureWorker({
    database,
    erasures,
    steps: { all, expiries: () => [] },
    events,
    clock: systemClock,
  });
  workers.push(worker);
  worker.start();
  return worker;
}

const stateOf = async (tenant: string): Promise<string | undefined> => (await erasures.find(tenant))?.state;

test('an erasure that is cut off in a step goes on with this step, in whichever process is next', async () => {
  const reached = Promise.withResolvers<void>();
  second = (signal) => {
    reached.resolve();
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  };
  await deleted('north');
  const first = started();
  await reached.promise;
  expect([await stateOf('north'), begun]).toEqual(['running', ['north first', 'north second']]);
  second = async () => undefined;
  started();
  await first.stop();
  await vi.waitFor(async () => expect(await stateOf('north')).toBe('done'), within);
  expect(begun).toEqual(['north first', 'north second', 'north second']);
});

test('what fails waits for its next attempt and holds up nobody; asked for again it goes on at once', async () => {
  second = () => Promise.reject(new MillraceError('store_unavailable', 'QuestDB is away.'));
  await deleted('east');
  const worker = started();
  await vi.waitFor(async () => expect(await stateOf('east')).toBe('failed'), within);
  const failure = { step: 'second', code: 'store_unavailable', reason: 'QuestDB is away.' };
  expect(await erasures.find('east')).toMatchObject({ attempts: 1, failure });
  await vi.waitFor(() => expect(worker.pendingSeconds).toBeGreaterThan(0), within);
  second = async () => undefined;
  await deleted('west');
  await vi.waitFor(async () => expect(await stateOf('west')).toBe('done'), within);
  expect(await stateOf('east')).toBe('failed');
  await erasures.ask('east', 'k2', (body) => body);
  await vi.waitFor(
    async () => expect(await erasures.find('east')).toMatchObject({ state: 'done', failure: null }),
    within,
  );
});
