import { randomUUID } from 'node:crypto';
import type { FollowedConfiguration } from '@millrace/config';
import { type ConfigurationPosition, topics } from '@millrace/contracts';
import { connectRegistry, createKafka, readTables, type TableReader } from '@millrace/kafka';
import { testAddresses } from '@millrace/testkit';
import { Inject, Module } from '@nestjs/common';
import { afterAll, expect, test, vi } from 'vitest';
import { startService } from './start-service.ts';
import { CONFIGURATION } from './tokens.ts';

const instance = `test-${randomUUID().slice(0, 8)}`;
const reports = new Map<string, ConfigurationPosition | null>();
let reader: TableReader | undefined;
afterAll(() => reader?.close());

@Module({})
class Reading {
  readonly followed: FollowedConfiguration;

  constructor(@Inject(CONFIGURATION) followed: FollowedConfiguration) {
    this.followed = followed;
  }
}

test('a service gets the configuration that it names, says how far it is once it is ready, and takes that back when it stops', async () => {
  const { app } = await startService(
    { name: 'parser', module: Reading, topics: [], configuration: ['tenants', 'scripts'] },
    {
      variables: {
        MILLRACE_KAFKA_BROKERS: testAddresses.kafka,
        MILLRACE_REGISTRY_URL: testAddresses.registry,
        MILLRACE_HTTP_PORT: '0',
        MILLRACE_LOG_LEVEL: 'error',
        MILLRACE_INSTANCE: instance,
      },
      onCrash: (error) => expect.unreachable(String(error)),
      signal: AbortSignal.timeout(30_000),
    },
  );
  const offsets = Object.fromEntries(app.get(Reading).followed.offsets());
  expect(Object.keys(offsets)).toEqual([topics.configTenants.name, topics.configScripts.name]);
  reader = await readTables(
    createKafka({ brokers: [testAddresses.kafka], clientId: 'test' }),
    connectRegistry({ url: testAddresses.registry }),
    [
      {
        topic: topics.configPositions,
        apply: (key: string, report: ConfigurationPosition | null) => void reports.set(key, report),
      },
    ],
    AbortSignal.timeout(30_000),
  );
  const report = () => reports.get(`parser/${instance}`);
  await vi.waitFor(() => expect(report()).toMatchObject({ service: 'parser', instance }), 10_000);
  expect(Object.keys(report()!.offsets).toSorted()).toEqual(Object.keys(offsets).toSorted());
  await app.close();
  await vi.waitFor(() => expect(report()).toBeNull(), 10_000);
});
