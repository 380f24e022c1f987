/** What happens to quotas, by name. */
import type { TenantQuotas } from '@millrace/contracts';
import { defineEvents, event } from '@millrace/observe';

export const quotaEvents = defineEvents({
  quotaReached: event<{ tenant: string; quota: keyof TenantQuotas; limit: number; messages: number }>(
    'warn',
    'A tenant reached a quota.',
  ),
});
