/** What stands in `config.devices.v1` about a tenant's devices: every record, in the order of each device. */
import { type DeviceConfig, topics } from '@millrace/contracts';
import { connectRegistry } from '@millrace/kafka';
import type { PublishedChange } from './change-ledger.ts';
import { readRecords, type StackAddresses } from '../../integrity/read-topic.ts';

/**
 * The text of a change is the device's name. The topic is compacted, but never in the part that is being written, which is
 * a day long: within a day of the first change none is missing.
 */
export async function readDeviceChanges(stack: StackAddresses, tenant: string): Promise<PublishedChange[]> {
  const registry = connectRegistry({ url: stack.address('registry') });
  const codec = await registry.codec<DeviceConfig>(topics.configDevices);
  const records = (await readRecords(stack, topics.configDevices.name))
    .map(({ record }) => record)
    .filter(({ key }) => String(key).startsWith(`${tenant}/`));
  await registry.prepare(records);
  return records.map(({ key, value }) => ({ key: String(key), text: value && codec.decode(value).name }));
}
