import { type DeviceConfig, deviceKey, topics } from '@millrace/contracts';
import { ensureTopics, partitionOf } from '@millrace/kafka';
import { anyDevice, testAddresses } from '@millrace/testkit';
import { TenantStream } from '@millrace/testkit-stream';
import { expect, onTestFinished, test } from 'vitest';
import { readDeviceChanges } from './read-changes.ts';

const topic = topics.configDevices;

test('every record about the tenant’s devices is read in order: repeats, deletions, what compaction would remove', async () => {
  const stream = new TenantStream('changes');
  onTestFinished(() => stream.close());
  await ensureTopics(stream.kafka, [topic], { mayCreate: true });
  const { tenant } = stream;
  const stranger = `${tenant}x`;
  const codec = await stream.registry.codec<DeviceConfig>(topic);
  const write = async (owner: string, ...names: readonly (string | null)[]): Promise<void> => {
    const key = deviceKey(owner, 'pump');
    const values = names.map((name) => name && codec.encode(anyDevice(owner, 'pump', { name })));
    await stream.write(topic, partitionOf(key, topic.partitions), key, values as (Buffer | null)[]);
  };
  const names = ['one', 'two', 'two', null, 'three'];
  await write(tenant, ...names);
  await write(stranger, 'strange');
  const stack = { address: (name: 'kafka' | 'registry') => testAddresses[name] };
  const changes = await readDeviceChanges(stack, tenant);
  expect(changes).toEqual(names.map((text) => ({ key: `${tenant}/pump`, text })));
  await write(tenant, null);
  await write(stranger, null);
});
