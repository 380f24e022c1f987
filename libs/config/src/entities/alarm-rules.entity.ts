/** Alarm rules: the limits of a signal, and who is told. */
import { type AlarmRuleConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { defineEntity } from '../entity.ts';
import { deviceUid, identifier, label, labelCharsMax, signalName, tenant, version } from '../entity-fields.ts';
import { countOn } from '../entity-version.ts';

/** An alarm has a handful of grades; the evaluator tries them one by one. */
const gradesPerRuleMax = 16;
const recipientsMax = 100;

const grade = z
  .strictObject({
    severity: z.enum(['warning', 'minor', 'major', 'critical']),
    low: z.number().nullable().default(null),
    high: z.number().nullable().default(null),
  })
  .refine(({ low, high }) => low !== null || high !== null, { error: 'give low, high or both' })
  .refine(({ low, high }) => low === null || high === null || low < high, { error: 'low must be below high' });

const notifyTarget = z.strictObject({
  channelId: identifier,
  templateId: identifier,
  recipients: z.array(z.string().min(1).max(labelCharsMax)).min(1).max(recipientsMax),
});

const file = z
  .strictObject({
    tenant,
    ruleId: identifier,
    version,
    name: label,
    productId: identifier.nullable().default(null),
    deviceUid: deviceUid.nullable().default(null),
    signal: signalName,
    grades: z.array(grade).min(1).max(gradesPerRuleMax),
    deadband: z.number().min(0).default(0),
    notify: z.array(notifyTarget).default([]),
  })
  .refine(({ productId, deviceUid: device }) => (productId === null) !== (device === null), {
    path: ['productId'],
    error: 'give either productId or deviceUid',
  });

export const alarmRules = defineEntity<AlarmRuleConfig>()({
  topic: topics.configAlarmRules,
  id: 'ruleId',
  singular: 'alarm rule',
  file,
  publish: countOn,
  references: {
    products: ({ productId }) => [['productId', productId]],
    devices: ({ deviceUid: uid }) => [['deviceUid', uid]],
    channels: ({ notify }) => notify.map(({ channelId }, index) => [`notify[${index}].channelId`, channelId]),
    templates: ({ notify }) => notify.map(({ templateId }, index) => [`notify[${index}].templateId`, templateId]),
  },
  filters: { productId: 'product_id', deviceUid: 'device_id' },
  sorts: { name: 'name' },
  searched: ['name'],
});
