/** What is measured of quotas. */
import { common, counter } from '@millrace/observe';

export const quotaMetrics = {
  heldOff: common(
    counter(
      'quota_held_off_messages_total',
      'Messages that a quota held off: refused, told to wait (MQTT; each time), or put aside. Of 100 tenants; the others count as _others.',
      ['tenant', 'quota'],
    ),
  ),
} as const;
