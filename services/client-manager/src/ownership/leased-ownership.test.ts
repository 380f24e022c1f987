import { MillraceError } from '@millrace/contracts';
import { orAborted } from '@millrace/kernel';
import type { Lease } from '@millrace/leases';
import { emitterOf, Metrics } from '@millrace/observe';
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { clientManagerEvents } from '../client-manager-events.ts';
import { LeasedOwnership } from './leased-ownership.ts';

const key = 'acme/line-1';
const origin = { ingestor: 'one', protocol: 'mqtt', connectionId: key, epoch: 0 };

interface HeldLease extends Lease {
  over(): void;
}

/** What was asked of claims, fences and leases, in order. */
let asked: string[];
let clock: ManualClock;
let held: Map<string, HeldLease>;
let leaving: Map<string, HeldLease>;
let leasesVersion: number;
let epoch: number;
let claiming: Promise<void>;
let confirming: Promise<void>;
let superseding: Map<number, AbortController>;
let isDeleted: boolean;
let ownership: LeasedOwnership;

function give(): HeldLease {
  const ending = new AbortController();
  const { signal: ended } = ending;
  const lease = { key, session: 's', isValid: () => !ended.aborted, ended, over: () => ending.abort() };
  held.set(key, lease);
  leasesVersion += 1;
  return lease;
}

/** What left while its lease lasts has to be finished. */
function take(): void {
  const lease = held.get(key);
  held.delete(key);
  if (lease?.isValid()) leaving.set(key, lease);
  leasesVersion += 1;
}

async function look(): Promise<void> {
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
  await clock.advance(50);
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
}

/** Owned by a lease, with the fleet's connection open. */
async function own() {
  const lease = give();
  await look();
  const owned = ownership.of(key)!;
  ownership.opened(owned);
  return { lease, owned };
}

beforeEach(() => {
  asked = [];
  clock = new ManualClock();
  held = new Map();
  leaving = new Map();
  leasesVersion = 0;
  epoch = 10;
  claiming = Promise.resolve();
  confirming = Promise.resolve();
  superseding = new Map();
  isDeleted = false;
  ownership = new LeasedOwnership({
    instance: 'one',
    leases: {
      get version() {
        return leasesVersion;
      },
      held: () => held,
      leaving: () => leaving,
      async finished(of) {
        leaving.delete(of);
        asked.push(`finished ${of}`);
      },
    },
    claims: {
      async claim(of, by, signal) {
        asked.push(`claim ${of} ${JSON.stringify(by)}`);
        await orAborted(claiming, signal);
        return (epoch += 1);
      },
      async confirm(of, under, offsets) {
        asked.push(`confirm ${of} ${under} ${offsets.join()}`);
        await confirming;
      },
      release: async (of, under) => void asked.push(`release ${of} ${under}`),
      remove: async (of) => void asked.push(`remove ${of}`),
      supersededSignal(_of, under) {
        superseding.set(under, new AbortController());
        return superseding.get(under)!.signal;
      },
    },
    fences: {
      async write(of) {
        asked.push(`fence ${of.connectionId}`);
        return [5, 6];
      },
    },
    sharing: () => (isDeleted ? undefined : false),
    events: emitterOf(clientManagerEvents, { write: () => undefined }, new Metrics('client-manager')),
    clock,
  });
  ownership.start();
  onTestFinished(() => ownership.stop());
});

const claimed = 'claim acme/line-1 {"instance":"one","shared":false}';

test('what there is a lease for is owned after a claim, and confirmed once, with its fences', async () => {
  const { owned } = await own();
  expect(owned).toMatchObject({ key, epoch: 11 });
  expect(owned.isValid()).toBe(true);
  await Promise.all([owned.confirm(origin), owned.confirm(origin)]);
  expect(asked).toEqual([claimed, 'fence acme/line-1', 'confirm acme/line-1 11 5,6']);
});

test('a lease that was over when the claim was written gives no ownership', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  claiming = promise;
  held.set(key, { ...give(), isValid: () => false });
  await look();
  resolve();
  await look();
  expect(ownership.of(key)).toBeUndefined();
  expect(asked[0]).toBe(claimed);
});

test('what has to be given away is released and handed over only after it is closed', async () => {
  const { owned } = await own();
  const { version } = ownership;
  take();
  await look();
  expect(ownership.of(key)).toBeUndefined();
  expect(ownership.version).toBeGreaterThan(version);
  expect(asked).toEqual([claimed]);
  await ownership.closed(owned);
  expect(asked).toEqual([claimed, 'release acme/line-1 11', 'finished acme/line-1']);
});

test('what was never opened is given away at once', async () => {
  give();
  await look();
  take();
  await look();
  expect(asked).toEqual([claimed, 'release acme/line-1 11', 'finished acme/line-1']);
});

test('a lease that is over ends what is owned at once, and releases nothing: others wait for the end', async () => {
  const { lease, owned } = await own();
  lease.over();
  expect(owned.isValid()).toBe(false);
  expect(owned.ended.aborted).toBe(true);
  take();
  await look();
  await ownership.closed(owned);
  expect(asked).toEqual([claimed, 'finished acme/line-1']);
});

test('who is superseded stops at once, and claims again when it is closed and the lease is still its own', async () => {
  const { owned } = await own();
  superseding.get(11)!.abort(new MillraceError('lease_lost', 'Another owner has claimed the connection.'));
  expect(owned.isValid()).toBe(false);
  await look();
  expect(ownership.of(key)).toBeUndefined();
  await look();
  expect(asked).toEqual([claimed]);
  await ownership.closed(owned);
  await look();
  expect(ownership.of(key)).toMatchObject({ epoch: 12 });
  expect(asked).toEqual([claimed, claimed]);
});

test('an epoch that cannot be confirmed any more is given up, and the connection is claimed again', async () => {
  confirming = Promise.reject(new MillraceError('lease_lost', 'Another owner has claimed the connection.'));
  confirming.catch(() => undefined);
  const { owned } = await own();
  await expect(owned.confirm(origin)).rejects.toMatchObject({ code: 'lease_lost' });
  expect(owned.isValid()).toBe(false);
  await look();
  await ownership.closed(owned);
  await look();
  expect(ownership.of(key)).toMatchObject({ epoch: 12 });
});

test('neither a connection that has to be given away nor a stop waits for a claim that cannot be written', async () => {
  claiming = new Promise(() => {});
  give();
  await look();
  take();
  await look();
  await look();
  expect(asked).toEqual([claimed, 'finished acme/line-1']);
  give();
  await look();
  await ownership.stop();
});

test('a connection that is opened anew as configured keeps its epoch', async () => {
  const { owned } = await own();
  await ownership.closed(owned);
  await look();
  expect(ownership.of(key)).toBe(owned);
  expect(asked).toEqual([claimed]);
});

test('the claims of a deleted connection are forgotten', async () => {
  const { owned } = await own();
  isDeleted = true;
  take();
  await look();
  await ownership.closed(owned);
  expect(asked).toEqual([claimed, 'remove acme/line-1', 'finished acme/line-1']);
});

test('a claim that cannot be written is tried again for as long as the lease lasts', async () => {
  claiming = Promise.reject(new MillraceError('stream_unavailable', 'Kafka is away.'));
  claiming.catch(() => undefined);
  const lease = give();
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
  await clock.advance(50);
  await vi.waitFor(() => expect(clock.sleeping).toBe(2));
  expect(ownership.of(key)).toBeUndefined();
  claiming = Promise.resolve();
  await clock.advance(200);
  await vi.waitFor(() => expect(ownership.of(key)).toMatchObject({ epoch: 11 }));
  expect(asked).toEqual([claimed, claimed]);
  expect(lease.isValid()).toBe(true);
});

test('what came and went between two looks is finished all the same, so that its next owner gets it', async () => {
  leaving.set(key, give());
  take();
  await look();
  expect(asked).toEqual([`finished ${key}`]);
});
