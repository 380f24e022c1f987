import { expect, test } from 'vitest';
import { ConnectionReports } from './connection-reports.ts';
import { MemoryClusters } from './testing/memory-cluster.ts';

function reportsOf(text: string): ConnectionReports {
  const clusters = new MemoryClusters();
  for (const name of ['m1', 'm2']) clusters.join(name, `http://${name}`);
  const own = { instance: 'm1', version: '1', ceilings: [], connections: [] };
  const send = () => Promise.resolve({ status: 200, headers: {}, text });
  return new ConnectionReports(clusters.seenBy('m1'), () => own, { send });
}

test.each(['', '<html>', '{"connections":', 'null', '[]', '{"connections":{}}'])(
  'an instance that answers %j has said nothing of its connections',
  async (text) => expect(await reportsOf(text).of(new Map([['acme/plant', 'm2']]))).toEqual(new Map()),
);

test('a connection that its owner does not name has not begun yet', async () => {
  const reports = await reportsOf('{"connections":[]}').of(new Map([['acme/plant', 'm2']]));
  expect(reports).toEqual(new Map([['acme/plant', null]]));
});
