/** The outbox on a real PostgreSQL, published to a log in memory that fails as Kafka may. */
import { systemClock } from '@millrace/kernel';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { rememberAnswer, rememberedAnswer } from './idempotency.ts';
import { Outbox, type OutboxChange } from './outbox.ts';
import { type ChangeLog, type LogPosition, OutboxPublisher } from './outbox-publisher.ts';
import { type ControlDatabase, controlDatabase, deviceBody } from './testing/control-database.ts';

const liveMsMax = 10_000;

/** What all publishers of an installation write to. */
class SharedLog {
  readonly records: OutboxChange[] = [];
  position: LogPosition | undefined;
  writer = 0;
  removed: string[] = [];
  readonly announced: ReadonlyMap<string, bigint>[] = [];
  /** How the next writes fail: before they are written, or after, when only the answer is lost. */
  readonly failures: ('before' | 'after')[] = [];

  open(): ChangeLog {
    const writer = (this.writer += 1);
    const commit = (changes: readonly OutboxChange[], at: LogPosition): void => {
      if (writer !== this.writer) throw new Error('fenced');
      const failure = this.failures.shift();
      if (failure === 'before') throw new Error('Nothing was written.');
      this.records.push(...changes);
      this.position = at;
      if (failure === 'after') throw new Error('The answer was lost.');
    };
    return {
      position: this.position,
      append: (changes, epoch) => {
        commit(changes, { epoch, position: changes.at(-1)!.position });
        return Promise.resolve(new Map([['config.devices.v1', BigInt(this.records.length)]]));
      },
      retain: (isKnown, at) => {
        const gone = this.records.filter(({ kind, tenant, id, body }) => body && !isKnown(kind, tenant, id));
        this.removed = gone.map(({ id }) => id);
        commit([], at);
        return Promise.resolve(gone.length);
      },
      announce: (offsets) => {
        this.announced.push(new Map(offsets));
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
  }

  ids(): string[] {
    return this.records.filter(({ kind }) => kind === 'devices').map(({ id }) => id);
  }
}

const kinds = ['tenants', 'products', 'devices'];

let control: ControlDatabase;
let log: SharedLog;
let republished = 0;
const publishers: OutboxPublisher[] = [];

function publisher(): OutboxPublisher {
  const made = new OutboxPublisher({
    database: control.database,
    outbox: new Outbox(control.database, kinds),
    openLog: () => Promise.resolve(log.open()),
    events: {
      publishingBegan: () => undefined,
      changesPublished: () => undefined,
      republished: () => (republished += 1),
      publishingFailed: () => undefined,
    },
    clock: systemClock,
  });
  publishers.push(made);
  made.start();
  return made;
}

const create = (id: string): Promise<unknown> =>
  control.of('north', (rows) => rows.create('devices', id, deviceBody()));
const published = (ids: readonly string[]): Promise<void> =>
  vi.waitFor(() => expect(log.ids()).toEqual(ids), { timeout: liveMsMax, interval: 5 });

beforeEach(async () => {
  control = await controlDatabase();
  log = new SharedLog();
  republished = 0;
}, 30_000);

afterEach(async () => {
  await Promise.all(publishers.splice(0).map((one) => one.stop()));
  await control.drop();
});

test('changes are published in their order, without waiting for a poll', async () => {
  publisher();
  await create('a');
  await published(['a']);
  const began = performance.now();
  await create('b');
  await published(['a', 'b']);
  expect(performance.now() - began).toBeLessThan(900);
});

test('one publishes at a time, and the next one goes on where it was', async () => {
  const first = publisher();
  await create('a');
  await published(['a']);
  publisher();
  await create('b');
  await published(['a', 'b']);
  expect(log.writer).toBe(1);
  await first.stop();
  await create('c');
  await published(['a', 'b', 'c']);
  expect([log.writer, republished]).toEqual([2, 1]);
});

test('a write that failed is repeated, and one whose answer was lost is not', async () => {
  publisher();
  await create('a');
  await published(['a']);
  log.failures.push('before', 'after');
  await create('b');
  await vi.waitFor(() => expect(log.failures).toEqual([]), liveMsMax);
  await create('c');
  await published(['a', 'b', 'c']);
});

test('a log that is empty, or of another database, gets everything anew, and loses what is not known', async () => {
  await create('a');
  const stranger = { position: 1n, tenant: 'north', kind: 'devices', id: 'stranger', body: deviceBody() } as const;
  log.records.push(stranger);
  log.position = { epoch: 'another', position: 900n };
  publisher();
  await published(['stranger', 'a']);
  expect([log.removed, republished]).toEqual([['stranger'], 1]);
});

test('a database that came back from a backup does not reuse positions that are published', async () => {
  await create('a');
  const { epoch } = await new Outbox(control.database, kinds).state();
  log.position = { epoch, position: 1_000n };
  publisher();
  await published(['a']);
  await create('b');
  await published(['a', 'b']);
  expect(log.records.every(({ position }) => position > 1_000n)).toBe(true);
});

test('what is written anew is told when all of it is there', async () => {
  await control.of('north', (rows) =>
    rows.write(
      'devices',
      Array.from({ length: 1_200 }, (_, n) => ({ id: `d${n}`, body: deviceBody(), before: undefined })),
    ),
  );
  publisher();
  await vi.waitFor(() => expect(log.ids()).toHaveLength(1_200), { timeout: liveMsMax, interval: 5 });
  await vi.waitFor(() => expect(log.announced).toHaveLength(1), liveMsMax);
  await new Outbox(control.database, kinds).appendAll();
  await vi.waitFor(() => expect(log.ids()).toHaveLength(2_400), { timeout: liveMsMax, interval: 5 });
  await vi.waitFor(() => expect(log.announced).toHaveLength(2), liveMsMax);
});

test('where the records of a change stand is remembered; changes and answers that are old are not', async () => {
  publisher();
  await create('a');
  await published(['a']);
  const outbox = new Outbox(control.database, kinds);
  const position = log.records.at(-1)!.position;
  await vi.waitFor(
    async () => expect(await outbox.offsetsAt(position)).toEqual(new Map([['config.devices.v1', 5n]])),
    liveMsMax,
  );
  expect(await outbox.offsetsAt(position + 1n)).toBeUndefined();
  const request = { tenant: 'north', key: 'again', requestHash: 'of-a' };
  await control.database.ofTenant('north', (transaction) => rememberAnswer(transaction, request, { position: '1' }));
  await outbox.forget(position, 0);
  const answer = await control.database.ofTenant('north', (transaction) => rememberedAnswer(transaction, request));
  expect(answer).toBeUndefined();
  expect(await outbox.behind(0n, 10)).toEqual([]);
  expect(await outbox.offsetsAt(position)).toBeDefined();
});
