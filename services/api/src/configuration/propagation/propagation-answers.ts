/** The forms of the question whether a change is live, and of its answer. */
import { isoTimeOf } from '@millrace/contracts';
import type { PropagationState } from '@millrace/config';
import { z } from 'zod';
import { time } from '../../data/answers.ts';

/** Nobody needs longer to see that something is wrong. */
const waitMsMax = 10_000;

export const propagationQuery = z.strictObject({
  position: z
    .string()
    .regex(/^\d{1,18}$/)
    .transform(BigInt)
    .optional()
    .describe('Of a change, as its answer said; default: all that is published now.'),
  wait: z.coerce
    .number()
    .int()
    .min(0)
    .max(waitMsMax)
    .default(0)
    .describe('Answer when it is live, or after this many ms.'),
});

const instance = z
  .strictObject({
    service: z.string(),
    instance: z.string(),
    live: z.boolean(),
    behind: z.int().min(0).nullable().describe('Records it has to apply; null: the change is not on the topics yet.'),
    reportedAt: time,
  })
  .meta({ id: 'InstancePosition' });

export const propagationAnswer = z
  .strictObject({
    live: z.boolean().describe('Every instance that follows the configuration has it.'),
    publishedAt: time.nullable().describe('When the configuration was published last; null: never.'),
    services: z.array(instance).describe('Instances that reported within the last 90 s.'),
  })
  .meta({ id: 'Propagation' });

export function propagationOf(state: PropagationState): z.infer<typeof propagationAnswer> {
  const { live, publishedAtMicros, instances } = state;
  return {
    live,
    publishedAt: publishedAtMicros === null ? null : isoTimeOf(publishedAtMicros),
    services: instances.map(({ reportedAtMicros, ...rest }) => ({ ...rest, reportedAt: isoTimeOf(reportedAtMicros) })),
  };
}
