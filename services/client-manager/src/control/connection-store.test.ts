import type { ConnectionConfig } from '@millrace/contracts';
import { ManualClock } from '@millrace/testkit';
import { beforeEach, expect, test } from 'vitest';
import { ConnectionStore } from './connection-store.ts';

/** A topic whose records are read as soon as they are written. */
class Log {
  readonly rows = new Map<string, string>();
  readonly revisions = new Map<string, { readonly offset: bigint; readonly replaced: bigint | undefined }>();
  readonly sent: string[] = [];
  lost = false;
  /** Written by another instance just before ours. */
  before: (() => void) | undefined;
  #end = 0n;

  append(key: string): bigint {
    const offset = this.#end++;
    this.revisions.set(key, { offset, replaced: this.revisions.get(key)?.offset });
    return offset;
  }
}

let log: Log;
let store: ConnectionStore;
const signal = AbortSignal.timeout(60_000);
const config = { tenant: 'acme', connectionId: 'plant' } as ConnectionConfig;

beforeEach(() => {
  log = new Log();
  const known = new Map([
    ['acme/plant', config],
    ['gone/plant', { ...config, tenant: 'gone' }],
  ]);
  store = new ConnectionStore({
    followed: {
      configuration: { connections: known, isDeleted: (tenant: string) => tenant === 'gone' },
      reached: () => Promise.resolve(),
      revision: (_: string, key: string) => log.revisions.get(key),
      isLost: () => log.lost,
    } as never,
    producer: {
      send: (records) => {
        log.sent.push(...records.map(({ topic, key }) => `${topic} ${String(key)}`));
        log.before?.();
        const offsets = records.map(({ key }) => log.append(String(key)));
        return Promise.resolve({ lastOffset: () => offsets.at(-1) } as never);
      },
    },
    connections: { encode: () => Buffer.of(1) },
    positions: { encode: () => Buffer.of(2) },
    clock: new ManualClock(),
  });
});

test('a change that another one got between is told as a conflict', async () => {
  const first = await store.write('acme/plant', config, undefined, signal);
  expect(await store.write('acme/plant', config, first, signal)).toBeGreaterThan(first);
  await expect(store.write('acme/plant', config, first, signal)).rejects.toMatchObject({ code: 'conflict' });
  log.before = () => log.append('acme/other');
  await expect(store.write('acme/other', config, undefined, signal)).rejects.toMatchObject({ code: 'conflict' });
});

test('a topic that lost its records gets all of them again, but for those of a deleted tenant', async () => {
  expect(await store.restore(signal)).toBe(0);
  log.lost = true;
  expect(await store.restore(signal)).toBe(1);
  expect(log.sent).toEqual(['config.connections.v1 acme/plant', 'config.published.v1 config.connections.v1/0']);
});
