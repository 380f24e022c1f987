/** Products: the types of devices, with what they measure and the script that reads their bytes. */
import { type ProductConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { defineEntity } from '../entity.ts';
import { identifier, label, signalName, tenant } from '../entity-fields.ts';

const signal = z.strictObject({
  name: signalName,
  unit: label.default(''),
  description: label.default(''),
});

const file = z.strictObject({
  tenant,
  productId: identifier,
  name: label,
  scriptId: identifier.nullable().default(null),
  keepRawPayload: z.boolean().default(false),
  signals: z.array(signal).default([]),
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
