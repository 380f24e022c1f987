/** Templates of messages. */
import { type TemplateConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { defineEntity } from '../entity.ts';
import { identifier, label, tenant } from '../entity-fields.ts';

/** An e-mail's body; larger texts belong into a document that the message links to. */
const templateCharsMax = 16_384;

const file = z.strictObject({
  tenant,
  templateId: identifier,
  subject: label,
  body: z.string().max(templateCharsMax),
});

export const templates = defineEntity<TemplateConfig>()({
  topic: topics.configTemplates,
  id: 'templateId',
  singular: 'template',
  file,
  publish: (it) => it,
  referredToBy: [{ entity: 'alarmRules', path: '$.notify[*].templateId' }],
});
