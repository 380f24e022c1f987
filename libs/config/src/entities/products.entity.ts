/** Products: the types of devices, with what they measure and the script that reads their bytes. */
import { type ProductConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { defineEntity } from '../entity.ts';
import { identifier, label, signalName, tenant } from '../entity-fields.ts';

/** As many rows as a message may have. */
const signalsPerProductMax = 1_000;

const signal = z
  .strictObject({
    name: signalName,
    unit: label.default('').describe('UCUM code.'),
    description: label.default(''),
    type: z.enum(['double', 'text', 'boolean']).default('double'),
    min: z.number().nullable().default(null).describe('Engineering range, in the unit.'),
    max: z.number().nullable().default(null),
  })
  .refine(({ min, max }) => min === null || max === null || min < max, { path: ['min'], error: 'must be below max' })
  .refine(({ type, min, max }) => type === 'double' || (min === null && max === null), {
    path: ['type'],
    error: 'has no range: only a double has min and max',
  });

const file = z.strictObject({
  tenant,
  productId: identifier,
  name: label,
  scriptId: identifier.nullable().default(null),
  keepRawPayload: z.boolean().default(false),
  signals: z
    .array(signal)
    .max(signalsPerProductMax)
    .refine((signals) => new Set(signals.map(({ name }) => name)).size === signals.length, 'two have the same name')
    .default([]),
});

export const products = defineEntity<ProductConfig>()({
  topic: topics.configProducts,
  id: 'productId',
  singular: 'product',
  file,
  publish: (it) => it,
  references: { scripts: ({ scriptId }) => [['scriptId', scriptId]] },
  filters: { scriptId: 'script_id' },
  sorts: { name: 'name' },
  searched: ['name'],
});
