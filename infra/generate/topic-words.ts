/** What the catalogue says of a topic, in sentences. */
import { type Topic } from '@millrace/contracts';

export function orderOf({ key, partitions }: Topic): string {
  const order = 'Records of one key are in one partition, in order';
  if (key === 'tenant/deviceUid')
    return `${order}, and the same partition of every topic with this key: all of a device is in order. Between devices there is no order.`;
  if (key === 'tenant/subject')
    return `${order}; the key of what is about a device is tenant/deviceUid, as in every topic of devices. Between subjects there is no order.`;
  if (key === 'event id') return `${order}. Between events there is no order.`;
  return partitions === 1 ? 'One partition: all records are in order.' : 'Records of one partition are in order.';
}

export function retentionOf({ retention }: Topic): string {
  if (retention === 'compacted') return 'compacted: the last record of each key is kept.';
  return `${retention / 24} days.`;
}
