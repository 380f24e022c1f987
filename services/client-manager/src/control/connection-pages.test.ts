/** Ten thousand connections of one tenant, and three instances that have a third each. */
import { randomBytes } from 'node:crypto';
import { KeyedSecrets, SecretKey } from '@millrace/auth';
import type { ConnectionQuery } from '@millrace/config';
import { expect, test } from 'vitest';
import { pageOf } from './connection-pages.ts';
import { ConnectionReports } from './connection-reports.ts';
import type { StoredConnection } from './connection-store.ts';
import { ConnectionViews } from './connection-views.ts';
import { requestedConnection } from './requested-connection.ts';
import { MemoryClusters } from './testing/memory-cluster.ts';
import { plant } from './testing/plant.ts';

const names = ['m1', 'm2', 'm3'];
const settings = plant('plant');
const secrets = new KeyedSecrets(new SecretKey(randomBytes(32)));
const config = requestedConnection('acme', settings, settings, undefined, { all: () => new Map() }, secrets);
const stored: readonly StoredConnection[] = Array.from({ length: 10_000 }, (_, index) => {
  const connectionId = `plant-${String(index).padStart(5, '0')}`;
  return { key: `acme/${connectionId}`, config: { ...config, connectionId }, revision: 0n };
});

/** The views that were taken of the cluster while a page was made. */
async function pageWithViews(query: ConnectionQuery): Promise<readonly [ids: unknown[], views: number]> {
  const clusters = new MemoryClusters();
  for (const name of names) clusters.join(name, `http://${name}`);
  for (const [index, { key }] of stored.entries()) clusters.owners.set(key, names[index % names.length]!);
  const cluster = clusters.seenBy('m1');
  let taken = 0;
  const view = cluster.view.bind(cluster);
  cluster.view = () => {
    taken += 1;
    return view();
  };
  const own = (): never => ({ instance: 'm1', version: '1', ceilings: [], connections: [] }) as never;
  const others = { send: () => Promise.resolve({ status: 503, headers: {}, text: '' }) };
  const reports = new ConnectionReports(cluster, own, others);
  const { items } = await pageOf(stored, query, new ConnectionViews({ tenant: () => undefined }, cluster, reports));
  return [items.map((item) => item['connectionId']), taken];
}

test('a page costs a few looks at the cluster, however many connections there are and it shows', async () => {
  const [ids, views] = await pageWithViews({ instance: 'm2', all: false, limit: 1_000 });
  expect([ids.length, ids[0], ids[999]]).toEqual([1_000, 'plant-00001', 'plant-02998']);
  expect(views).toBeLessThanOrEqual(3);
  const [unfiltered, looks] = await pageWithViews({ all: false, limit: 1_000 });
  expect(unfiltered).toHaveLength(1_000);
  expect(looks).toBeLessThanOrEqual(3);
});
