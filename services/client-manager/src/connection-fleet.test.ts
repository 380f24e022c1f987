import type { ConnectionConfig } from '@millrace/contracts';
import type { ConnectionState } from '@millrace/connectors';
import { MillraceError } from '@millrace/contracts';
import { emitterOf, Metrics } from '@millrace/observe';
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { clientManagerEvents } from './client-manager-events.ts';
import { ConnectionFleet } from './connection-fleet.ts';
import type { Owned, Ownership } from './ownership/ownership.ts';

const connected: ConnectionState = {
  phase: 'connected',
  sinceMs: 0,
  lastError: null,
  received: 0,
  acknowledged: 0,
  unacknowledged: 0,
};

interface Configured {
  version: number;
  readonly connections: Map<string, ConnectionConfig>;
  state: string;
  tenant(): { readonly state: string };
}

/** What happened to connections, in order: `open a 1`, `close a 1`. */
let happened: string[];
let clock: ManualClock;
let configuration: Configured;
let epochs: Map<string, number>;
let ownership: Ownership & { version: number };
let lost: AbortController;
/** What the owner was told to be closed, and what had happened last. */
let givenUp: string[];
let beforeClosed: Promise<void>;
let closingSignal: AbortSignal | undefined;
let fleet: ConnectionFleet;

beforeEach(async () => {
  happened = [];
  givenUp = [];
  clock = new ManualClock();
  configuration = {
    version: 1,
    connections: new Map(),
    state: 'active',
    tenant: () => ({ state: configuration.state }),
  };
  epochs = new Map();
  lost = new AbortController();
  const owned = new Map<string, Owned>();
  ownership = {
    version: 0,
    of(key) {
      const epoch = epochs.get(key);
      if (epoch === undefined) return undefined;
      if (owned.get(key)?.epoch !== epoch) owned.set(key, ownedOf(key, epoch));
      return owned.get(key);
    },
    opened: () => undefined,
    closed: async ({ key, epoch }) => void givenUp.push(`${key} ${epoch} ${happened.at(-1)}`),
  };
  beforeClosed = Promise.resolve();
  const events = emitterOf(clientManagerEvents, { write: () => undefined }, new Metrics('client-manager'));
  const open = ({ connectionId, clientId }: ConnectionConfig, { epoch }: Owned) => {
    if (clientId === 'wrong') throw new MillraceError('configuration_invalid', 'Give another client id.');
    happened.push(`open ${connectionId} ${epoch}`);
    const close = async (signal: AbortSignal) => {
      closingSignal = signal;
      await beforeClosed;
      happened.push(`close ${connectionId} ${epoch}`);
    };
    return { handle: { state: connected }, close };
  };
  fleet = new ConnectionFleet({ configuration, ownership, open, events, clock });
  fleet.start();
  onTestFinished(() => fleet.stop());
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
});

function ownedOf(key: string, epoch: number): Owned {
  return { key, epoch, isValid: () => true, ended: lost.signal, confirm: () => Promise.resolve() };
}

function configure(connectionId: string, change: Partial<ConnectionConfig> = {}, epoch = 1): void {
  const key = `acme/${connectionId}`;
  configuration.connections.set(key, {
    tenant: 'acme',
    connectionId,
    kind: 'mqtt',
    url: 'mqtt://broker',
    clientId: connectionId,
    protocolVersion: 5,
    keepaliveSeconds: 30,
    username: null,
    passwordSealed: null,
    tokenSealed: null,
    tls: null,
    cleanStart: false,
    sessionExpirySeconds: 86_400,
    receiveMaximum: 2_000,
    will: null,
    subscriptions: [],
    modbus: null,
    http: null,
    headersSealed: null,
    deviceFrom: { kind: 'topic', pattern: '{deviceUid}' },
    enabled: true,
    origin: 'api',
    ...change,
  });
  epochs.set(key, epoch);
  configuration.version += 1;
}

function remove(connectionId: string): void {
  configuration.connections.delete(`acme/${connectionId}`);
  configuration.version += 1;
}

async function look(): Promise<void> {
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
  await clock.advance(200);
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
}

test('a connection is opened when it is configured and closed when it is not any more; the others go on', async () => {
  configure('a');
  configure('b');
  await look();
  expect(happened).toEqual(['open a 1', 'open b 1']);
  remove('a');
  await look();
  expect(happened).toEqual(['open a 1', 'open b 1', 'close a 1']);
  expect(fleet.reports().map(({ connectionId, state }) => [connectionId, state])).toEqual([['b', 'connected']]);
});

test('a changed connection is opened again only after the former one is closed: two would fight for the session', async () => {
  configure('a');
  await look();
  const { promise, resolve } = Promise.withResolvers<void>();
  beforeClosed = promise;
  for (const keepaliveSeconds of [5, 6]) {
    configure('a', { keepaliveSeconds });
    await look();
  }
  expect(happened).toEqual(['open a 1']);
  resolve();
  await vi.waitFor(() => expect(happened).toEqual(['open a 1', 'close a 1']));
  await look();
  expect(happened).toEqual(['open a 1', 'close a 1', 'open a 1']);
});

test('the same configuration published again disturbs nothing', async () => {
  configure('a');
  await look();
  configure('a');
  await look();
  expect(happened).toEqual(['open a 1']);
});

test('what is not ours is not opened, and what is not ours any more is closed', async () => {
  configure('a');
  epochs.clear();
  await look();
  expect(happened).toEqual([]);
  epochs.set('acme/a', 7);
  ownership.version += 1;
  await look();
  epochs.clear();
  ownership.version += 1;
  await look();
  expect(happened).toEqual(['open a 7', 'close a 7']);
});

test('only when a connection is closed its ownership is given up; a lease that is over waits for nothing', async () => {
  configure('a');
  await look();
  const { promise, resolve } = Promise.withResolvers<void>();
  beforeClosed = promise;
  epochs.clear();
  ownership.version += 1;
  await look();
  expect(givenUp).toEqual([]);
  lost.abort();
  expect(closingSignal?.aborted).toBe(true);
  resolve();
  await vi.waitFor(() => expect(givenUp).toEqual(['acme/a 1 close a 1']));
});

test('a connection owned under a new epoch begins anew', async () => {
  configure('a');
  await look();
  epochs.set('acme/a', 2);
  ownership.version += 1;
  await look();
  await look();
  expect(happened).toEqual(['open a 1', 'close a 1', 'open a 2']);
});

test('a connection that is wrong is shown with the reason, and stops no other one', async () => {
  configure('a', { clientId: 'wrong' });
  configure('b');
  await look();
  expect(happened).toEqual(['open b 1']);
  expect(fleet.reports()).toMatchObject([
    { state: 'invalid', lastError: { code: 'configuration_invalid', detail: 'Give another client id.' } },
    { state: 'connected' },
  ]);
  configure('a');
  await look();
  await look();
  expect(happened).toEqual(['open b 1', 'open a 1']);
});

test('a connection that is switched off is shown as such', async () => {
  configure('a', { enabled: false });
  await look();
  expect(happened).toEqual([]);
  expect([...fleet.counts()]).toEqual([['disabled', 1]]);
});

test('stopping closes all', async () => {
  configure('a');
  configure('b');
  await look();
  await fleet.stop();
  expect(happened.slice(2).toSorted()).toEqual(['close a 1', 'close b 1']);
  expect(fleet.reports()).toEqual([]);
});

test('connections of a suspended tenant are closed and shown, of a deleted one forgotten, and opened when it is active again', async () => {
  configure('a');
  await look();
  configuration.state = 'suspended';
  configuration.version += 1;
  await look();
  await look();
  expect(fleet.reports().map(({ connectionId, state }) => [connectionId, state])).toEqual([['a', 'suspended']]);
  configuration.state = 'deleted';
  configuration.version += 1;
  await look();
  await look();
  expect(fleet.reports()).toEqual([]);
  configuration.state = 'active';
  configuration.version += 1;
  await look();
  expect(happened).toEqual(['open a 1', 'close a 1', 'open a 1']);
});
