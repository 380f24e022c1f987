import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { topics } from '@millrace/contracts';
import { ManualClock } from '@millrace/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { consumers, FlowWatch } from './flow-watch.ts';

const hop = { hop: 'parse', rejected: { script_threw: 2 }, deadLettered: 3, parked: 0, repeated: 0, inFlight: 0 };

let servers: Server[];
let asked: number;
let taken: number;
let behind: () => Promise<readonly ReadonlyMap<number, bigint>[]>;
let clock: ManualClock;

/** A service; `reasons`: why it is not ready. */
async function service(reasons: Readonly<Record<string, string>> = {}): Promise<string> {
  const server = createServer(({ url }, response) => {
    if (url === '/health/ready') {
      response.statusCode = Object.keys(reasons).length > 0 ? 503 : 200;
      response.end(JSON.stringify({ ready: false, reasons }));
      return;
    }
    asked += 1;
    const hops = [{ ...hop, in: taken, out: taken }];
    response.end(JSON.stringify({ service: 'parser', instance: 'p1', startedAt: 'now', hops }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const watchOf = (...addresses: readonly string[]): FlowWatch =>
  new FlowWatch({
    addresses,
    behind: () => behind(),
    probes: { QuestDB: () => Promise.resolve(), Redis: () => Promise.reject(new Error('away')) },
    clock,
  });

beforeEach(() => {
  [servers, asked, taken] = [[], 0, 100];
  behind = async () => consumers.map(() => new Map([[0, 5n]]));
  clock = new ManualClock();
});

afterEach(() => {
  for (const server of servers) server.close();
});

test('however many ask, the services are asked once a second', async () => {
  const watch = watchOf(await service());
  await Promise.all([watch.current(), watch.current(), watch.current()]);
  expect(asked).toBe(1);
  await clock.advance(1_000);
  taken = 150;
  expect((await watch.current()).hops).toMatchObject([{ in: 150, inPerSecond: 50, rejected: 2, deadLettered: 3 }]);
  expect(asked).toBe(2);
});

test('a service that went away keeps its name, and one that waits says why', async () => {
  const [first, second] = [await service({ tables: 'QuestDB is away.' }), await service()];
  const watch = watchOf(first, second);
  await watch.current();
  servers[1]?.closeAllConnections();
  servers[1]?.close();
  await clock.advance(1_000);
  expect((await watch.current()).services).toEqual([
    { service: 'parser', instances: 2, answering: 1, waiting: ['QuestDB is away.'] },
  ]);
});

test('lag is in records: the marker behind the last record of a transaction is none', async () => {
  const { lags, stores } = await watchOf().current();
  expect(lags?.filter(({ topic }) => topic === topics.alarmEvents.name).map(({ records }) => records)).toEqual([4, 4]);
  expect(lags?.filter(({ topic }) => topic !== topics.alarmEvents.name).map(({ records }) => records)).toEqual([
    5, 5, 5, 5, 5,
  ]);
  expect(stores).toEqual([
    { name: 'Kafka', answers: true },
    { name: 'QuestDB', answers: true },
    { name: 'Redis', answers: false },
  ]);
});

test('a Kafka that is asked for the first time is not away', async () => {
  behind = () => new Promise(() => undefined);
  const { lags, stores } = await watchOf().current();
  expect([lags, stores[0]]).toEqual([null, { name: 'Kafka', answers: true }]);
});

test('a Kafka that does not answer holds nobody up, and is said to be away when its last answer is old', async () => {
  const watch = watchOf();
  await watch.current();
  behind = () => new Promise(() => undefined);
  await clock.advance(2_000);
  expect((await watch.current()).lags).not.toBeNull();
  await clock.advance(6_000);
  const { lags, stores } = await watch.current();
  expect(lags).toBeNull();
  expect(stores[0]).toEqual({ name: 'Kafka', answers: false });
});
