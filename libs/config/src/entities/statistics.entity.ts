/** Statistics: what is computed of points, and when. */
import { aggregationNames, type StatisticConfig, topics } from '@millrace/contracts';
import { CronSchedule } from '@millrace/kernel';
import { z } from 'zod';
import { defineEntity } from '../entity.ts';
import { deviceUid, identifier, label, labelCharsMax, signalName, tenant, version } from '../entity-fields.ts';
import { countOn } from '../entity-version.ts';

/** A named group; whoever means more means a product. */
const devicesPerStatisticMax = 1_000;
/** All of them are in the memory of one evaluation. */
const inputsPerStatisticMax = 16;
const leadTimeSecondsMax = 366 * 24 * 3_600;
/** Points that are later than a week are a case for evaluating again. */
const graceSecondsMax = 7 * 24 * 3_600;

const file = z
  .strictObject({
    tenant,
    statisticId: identifier,
    version,
    name: label,
    cron: z.string().max(labelCharsMax),
    timeZone: z.string().max(labelCharsMax).default('UTC'),
    leadTimeSeconds: z.int().min(1).max(leadTimeSecondsMax).nullable().default(null),
    graceSeconds: z.int().min(0).max(graceSecondsMax).default(60),
    productId: identifier.nullable().default(null),
    deviceUids: z.array(deviceUid).max(devicesPerStatisticMax).default([]),
    inputs: z
      .array(
        z.strictObject({
          name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be a name as in a script'),
          signal: signalName,
        }),
      )
      .min(1)
      .max(inputsPerStatisticMax)
      .refine((inputs) => new Set(inputs.map(({ name }) => name)).size === inputs.length, {
        error: 'two inputs have the same name',
      }),
    aggregation: z.enum(aggregationNames).nullable().default(null),
    scriptId: identifier.nullable().default(null),
    enabled: z.boolean().default(true),
  })
  .refine(({ productId, deviceUids }) => (productId === null) !== (deviceUids.length === 0), {
    path: ['productId'],
    error: 'give either productId or deviceUids',
  })
  .refine(({ aggregation, scriptId }) => (aggregation === null) !== (scriptId === null), {
    path: ['aggregation'],
    error: 'give either aggregation or scriptId',
  })
  .refine(({ aggregation, inputs }) => aggregation === null || inputs.length === 1, {
    path: ['inputs'],
    error: 'an aggregation has one input',
  })
  .superRefine(({ cron, timeZone }, context) => {
    try {
      new CronSchedule(cron, timeZone);
    } catch (error) {
      context.addIssue({ code: 'custom', path: ['cron'], message: (error as Error).message });
    }
  });

export const statistics = defineEntity<StatisticConfig>()({
  topic: topics.configStatistics,
  id: 'statisticId',
  singular: 'statistic',
  file,
  publish: countOn,
  references: {
    products: ({ productId }) => [['productId', productId]],
    devices: ({ deviceUids }) => deviceUids.map((uid, index) => [`deviceUids[${index}]`, uid]),
    scripts: ({ scriptId }) => [['scriptId', scriptId]],
  },
  filters: { productId: 'product_id', scriptId: 'script_id' },
  sorts: { name: 'name' },
  searched: ['name'],
});
