/** What a tenant hears when a quota is used up. */
import { MillraceError, type ReachedQuota, type TenantQuotas } from '@millrace/contracts';
import type { RateQuotaName, Shortage } from './rate-quota.ts';

const things: Record<RateQuotaName, string> = {
  messagesPerSecond: 'messages',
  pointsPerSecond: 'points',
  scriptCpuMsPerSecond: 'milliseconds of CPU time for scripts',
};

/** Of a quota that fills up again by itself. */
export function rateExceeded(name: RateQuotaName, { limit, retryAfterMs }: Shortage): MillraceError {
  const retryAfterSeconds = Math.ceil(retryAfterMs / 1_000);
  return quotaExceeded(
    { name, limit, retryAfterSeconds },
    `The tenant may have ${limit} ${things[name]} per second; send again in ${retryAfterSeconds} s.`,
  );
}

/** Undefined: so many more devices fit. `quotas`: the tenant's; `devices`: how many it has. */
export function devicesExceeded(
  quotas: Pick<TenantQuotas, 'devices'> | null,
  devices: number,
  more: number,
): MillraceError | undefined {
  const limit = quotas?.devices ?? Infinity;
  if (devices + more <= limit) return undefined;
  const detail = `The tenant may have ${limit} devices and has ${devices}, so ${more} more do not fit; delete some or ask for a higher limit.`;
  return quotaExceeded({ name: 'devices', limit, retryAfterSeconds: null }, detail);
}

function quotaExceeded(quota: ReachedQuota, detail: string): MillraceError {
  return new MillraceError('quota_exceeded', detail, { quota });
}
