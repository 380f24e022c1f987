/** Tenants: whose everything else is. */
import { type TenantConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { defineEntity } from '../entity.ts';
import { label, tenant } from '../entity-fields.ts';

/** A hundred years; what is to stay longer has no limit. */
const storageDaysMax = 36_500;
const rate = z.int().min(1).nullable().default(null);

const quotasForm = z.strictObject({
  devices: z.int().min(0).nullable().default(null),
  messagesPerSecond: rate,
  pointsPerSecond: rate,
  scriptCpuMsPerSecond: rate,
  storageDays: z.int().min(1).max(storageDaysMax).nullable().default(null),
});

const daysOfClass = { '30d': 30, '90d': 90, forever: Infinity } as const;

const file = z
  .strictObject({
    tenant,
    name: label,
    retentionClass: z.enum(['30d', '90d', 'forever']).default('90d'),
    ownTable: z.boolean().default(false),
    state: z.enum(['active', 'suspended', 'deleted']).default('active'),
    quotas: quotasForm.nullable().default(null),
  })
  .refine(({ ownTable, retentionClass, quotas }) => ownTable || daysOfClass[retentionClass] <= storageDaysOf(quotas), {
    path: ['retentionClass'],
    error: 'keeps points for longer than quotas.storageDays: choose a shorter one, or ownTable',
  });

function storageDaysOf(quotas: z.infer<typeof quotasForm> | null): number {
  return quotas?.storageDays ?? Infinity;
}

export const tenants = defineEntity<TenantConfig>()({
  topic: topics.configTenants,
  id: 'tenant',
  isNamedAlone: true,
  singular: 'tenant',
  file,
  publish: (it) => it,
  scopes: { read: 'platform', write: 'platform' },
  isDeletedByHand: true,
  sorts: { name: 'name' },
  searched: ['name'],
});
