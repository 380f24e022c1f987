/** Dry runs of scripts: what is asked, and what is answered. */
import { entityBodySchema, scriptTrials } from '@millrace/config';
import { errorKinds } from '@millrace/contracts';
import { z } from 'zod';

const { language, source } = entityBodySchema('scripts').shape as {
  readonly language: z.ZodType<string>;
  readonly source: z.ZodType<string>;
};

export const runRequest = z.strictObject({ language, source, samples: scriptTrials }).meta({ id: 'ScriptRunRequest' });

export const storedRunRequest = z
  .strictObject({
    version: z.int32().min(1).optional().describe('Default: the present one.'),
    samples: scriptTrials.optional().describe('Default: those of the script.'),
  })
  .meta({ id: 'StoredScriptRunRequest' });

const row = z.strictObject({
  name: z.string(),
  value: z.union([z.number(), z.string(), z.boolean()]).nullable(),
  time: z.iso.datetime().nullable().describe('That the script gave; null: that of the message.'),
  quality: z.int().describe('0 good, 1 uncertain, 2 bad.'),
  identificationCode: z.string().nullable().describe('Of the sub-device that it is about; null: the sender itself.'),
});

const result = z.strictObject({
  name: z.string(),
  passed: z.boolean().nullable().describe('Null: nothing was expected.'),
  rows: z.array(row).describe('None where it failed.'),
  failure: z
    .strictObject({
      code: z.enum(Object.keys(errorKinds) as [string, ...string[]]),
      detail: z.string(),
      line: z.int().nullable().describe('Of the source, from 1.'),
    })
    .nullable()
    .describe('Why there are no rows: in the stream the message would be a dead letter.'),
  difference: z.string().nullable().describe('In what it is not as expected.'),
  warnings: z.array(z.string()),
  logs: z.array(z.string()).describe('What the script printed.'),
});

export const runAnswer = z
  .strictObject({
    passed: z.boolean().nullable().describe('All are as expected; null: nothing was expected.'),
    results: z.array(result).describe('One for each sample, in order.'),
    cpuMs: z.number().describe('Of all samples together, with loading the script.'),
    heapBytes: z
      .int()
      .nullable()
      .describe('The most that the script held after a call; null: it did not live that long.'),
  })
  .meta({ id: 'ScriptRun' });
