import type { DataRowList } from '@millrace/contracts';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { dataRowList, TestBatch } from './testing/test-batch.ts';
import { TestIntake } from './testing/test-intake.ts';

let assignment: AbortController;
let subject: TestIntake;
const device = (deviceUid: string, list: Partial<DataRowList> = {}) => dataRowList({ deviceUid, ...list });
const batchOf = (offset: number, ...values: readonly (DataRowList | string)[]) =>
  new TestBatch(3, offset, values, assignment.signal);

/** Older than the newest row by more than the lateness. */
const anHourAgo = { timeMicros: 1_760_000_000_000_000 - 3_600_000_000 };

/** Stores a batch, letting the linger of its flush pass. */
async function store(batch: TestBatch): Promise<void> {
  const storing = subject.intake.store(batch);
  storing.catch(() => undefined);
  await vi.waitFor(() => expect(subject.clock.sleeping).toBeGreaterThan(0));
  await subject.clock.advance(5);
  await storing;
}

beforeEach(() => {
  assignment = new AbortController();
  subject = new TestIntake();
});

describe('a batch of points', () => {
  test('is settled when its rows are stored', async () => {
    const batch = batchOf(7, device('a'), device('b'));
    await store(batch);
    expect(subject.storedDevices).toEqual(['a', 'b']);
    expect(batch.settledBefore).toBe(9n);
  });

  test('drops and counts what is of a tenant that was deleted', async () => {
    const gone = { tenant: 'gone', name: '', retentionClass: '30d', ownTable: true, state: 'deleted', quotas: null };
    subject.configuration.apply('tenants', 'gone', gone);
    const batch = batchOf(
      0,
      device('a'),
      device('b', { tenant: 'gone' }),
      device('c', { tenant: 'gone', ...anHourAgo }),
    );
    await store(batch);
    expect(subject.storedDevices).toEqual(['a']);
    expect([batch.settledBefore, subject.letters.length]).toEqual([3n, 0]);
    const [hop] = subject.accounting.report().hops;
    expect(hop).toMatchObject({ in: 3, out: 1, rejected: { tenant_deleted: 2 } });
  });

  test('shares its flush with the other partitions of the fetch', async () => {
    const batches = [0, 1, 2].map(
      (partition) => new TestBatch(partition, 0, [device(`d${partition}`)], assignment.signal),
    );
    const storing = Promise.all(batches.map((batch) => subject.intake.store(batch)));
    await subject.clock.advance(5);
    await storing;
    expect(subject.flushes).toHaveLength(1);
    expect(subject.storedDevices).toEqual(['d0', 'd1', 'd2']);
  });

  test('goes to the tables of its tenants', async () => {
    const other = {
      tenant: 'other',
      name: 'Other',
      retentionClass: '30d',
      ownTable: true,
      state: 'active',
      quotas: null,
    };
    subject.configuration.apply('tenants', 'other', other);
    await store(batchOf(0, device('a'), device('b', { tenant: 'other' })));
    expect(subject.flushes.map((lists) => lists.map(({ tenant }) => tenant))).toEqual([['acme'], ['other']]);
  });

  test('with a record that cannot be decoded becomes a dead letter of that record, byte for byte', async () => {
    const batch = batchOf(7, device('a'), 'garbage', device('b'));
    await store(batch);
    expect(subject.storedDevices).toEqual(['a', 'b']);
    expect(subject.letters).toMatchObject([
      {
        topic: 'telemetry.points.v1',
        partition: 3,
        offset: '8',
        value: Buffer.from('garbage'),
        code: 'undecodable_record',
      },
    ]);
    expect(batch.settledBefore).toBe(10n);
  });

  test('with a row that QuestDB refuses becomes a dead letter of its record', async () => {
    subject.refused.add('bad');
    const batch = batchOf(7, device('a'), 'garbage', device('bad'), device('b'));
    await store(batch);
    expect(subject.storedDevices).toEqual(['a', 'b']);
    expect(subject.letters.map(({ offset, code }) => [offset, code])).toEqual([
      ['8', 'undecodable_record'],
      ['9', 'row_rejected'],
    ]);
    expect(batch.settledBefore).toBe(11n);
  });

  test('is not settled while QuestDB is away and is to be tried later', async () => {
    subject.away = true;
    const batch = batchOf(7, device('a'));
    await expect(store(batch)).rejects.toMatchObject({ code: 'store_unavailable', retry: 'later' });
    expect(batch.settledBefore).toBe(0n);
  });

  test('is counted once, when it has its end, however often it came', async () => {
    subject.away = true;
    await expect(store(batchOf(7, device('a'), 'garbage'))).rejects.toThrow();
    subject.away = false;
    await store(batchOf(7, device('a'), 'garbage'));
    expect(subject.accounting.report().hops).toMatchObject([
      { hop: 'store', in: 2, out: 1, deadLettered: 1, inFlight: 0 },
    ]);
  });

  test('of a tenant that is unknown waits five seconds for its configuration, then becomes dead letters', async () => {
    const stranger = device('a', { tenant: 'stranger' });
    await expect(subject.intake.store(batchOf(0, stranger))).rejects.toMatchObject({ retry: 'later' });
    await subject.clock.advance(4_999);
    await expect(subject.intake.store(batchOf(0, stranger))).rejects.toMatchObject({ retry: 'later' });
    await subject.clock.advance(1);
    await subject.intake.store(batchOf(0, stranger));
    expect(subject.letters).toMatchObject([{ code: 'unknown_tenant' }]);
  });

  test('of several unknown tenants waits once for all of them', async () => {
    const batch = batchOf(0, ...['x', 'y', 'z'].map((tenant) => device('a', { tenant })));
    await expect(subject.intake.store(batch)).rejects.toMatchObject({ retry: 'later' });
    await subject.clock.advance(5_000);
    await subject.intake.store(batch);
    expect(subject.letters).toHaveLength(3);
  });

  test('of a tenant whose configuration arrives in time is stored', async () => {
    const tenant = 'arriving';
    await expect(subject.intake.store(batchOf(0, device('a', { tenant })))).rejects.toMatchObject({ retry: 'later' });
    subject.configuration.apply('tenants', tenant, {
      tenant,
      name: '',
      retentionClass: '90d',
      ownTable: false,
      state: 'active',
      quotas: null,
    });
    await store(batchOf(0, device('a', { tenant })));
    expect(subject.storedDevices).toEqual(['a']);
  });
});

describe('late rows', () => {
  beforeEach(() => store(batchOf(0, device('newest'))));

  test('do not hold up their batch, but hold its offset back until they are stored', async () => {
    const first = batchOf(1, device('late', anHourAgo));
    await subject.intake.store(first);
    const second = batchOf(2, device('on time'));
    await store(second);
    expect(subject.storedDevices).toEqual(['newest', 'on time']);
    expect([first.settledBefore, second.settledBefore]).not.toContain(2n);
    expect(second.settledBefore).toBeLessThan(2n);
    await subject.clock.advance(5_000);
    expect(subject.storedDevices).toEqual(['newest', 'on time', 'late']);
    expect(first.committedBefore).toBe(3n);
  });

  test('of several batches are flushed together', async () => {
    for (const offset of [1, 2, 3]) await subject.intake.store(batchOf(offset, device(`late ${offset}`, anHourAgo)));
    await subject.clock.advance(5_000);
    expect(subject.flushes.slice(1)).toHaveLength(1);
    expect(subject.flushes[1]).toHaveLength(3);
  });

  test('that QuestDB refuses become dead letters before their offset is settled', async () => {
    subject.refused.add('bad');
    const batch = batchOf(1, device('bad', anHourAgo), device('late', anHourAgo));
    await subject.intake.store(batch);
    await subject.clock.advance(5_000);
    expect(subject.letters).toMatchObject([{ offset: '1', code: 'row_rejected' }]);
    expect(batch.committedBefore).toBe(3n);
  });

  test('are tried again by themselves while QuestDB is away', async () => {
    const batch = batchOf(1, device('late', anHourAgo));
    await subject.intake.store(batch);
    subject.away = true;
    await subject.clock.advance(20_000);
    expect(batch.settledBefore).toBe(0n);
    subject.away = false;
    await subject.clock.advance(20_000);
    expect(subject.storedDevices).toEqual(['newest', 'late']);
    expect(batch.committedBefore).toBe(2n);
  });

  test('are thrown away when the partition is revoked: its next owner reads them again', async () => {
    const batch = batchOf(1, device('late', anHourAgo));
    await subject.intake.store(batch);
    assignment.abort(new Error('revoked'));
    await subject.clock.advance(5_000);
    expect(subject.storedDevices).toEqual(['newest']);
    expect(batch.settledBefore).toBe(0n);
    assignment = new AbortController();
    await store(batchOf(1, device('on time')));
    expect(subject.storedDevices).toEqual(['newest', 'on time']);
  });

  test('are refused, to be read again later, when too many wait for a QuestDB that is away', async () => {
    const rows = Array.from({ length: 10_000 }, () => dataRowList().rows[0]!);
    subject.away = true;
    const taken: TestBatch[] = [];
    const takeAll = async (): Promise<void> => {
      for (let offset = 1; offset <= 100; offset += 1) {
        const batch = batchOf(offset, device('late', { ...anHourAgo, rows }));
        await subject.intake.store(batch);
        taken.push(batch);
      }
    };
    await expect(takeAll()).rejects.toMatchObject({ code: 'store_unavailable', retry: 'later' });
    expect(taken.length).toBeLessThanOrEqual(31);
    subject.away = false;
    await subject.clock.advance(30_000);
    expect(subject.storedDevices).toHaveLength(taken.length + 1);
    expect(taken.map(({ committedBefore }) => committedBefore)).toContain(BigInt(taken.length + 1));
    await subject.intake.store(batchOf(taken.length + 1, device('late', anHourAgo)));
  });
});

test('one clock in the future does not make the others late', async () => {
  await store(batchOf(0, device('future', { timeMicros: 1_900_000_000_000_000 })));
  await store(batchOf(1, device('on time')));
  expect(subject.storedDevices).toEqual(['future', 'on time']);
});
