/** What an import is asked for and answers, for checks and for the OpenAPI document. */
import type { Problem } from '@millrace/contracts';
import { problemAnswer } from '@millrace/platform/rest';
import { z } from 'zod';

export const importQuery = z.strictObject({
  mode: z
    .enum(['create', 'upsert'])
    .default('create')
    .describe('upsert: a row changes the device that is there; members that it does not name stay as they are.'),
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('Only says what would be done.'),
  skipRows: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Begins behind so many rows: the `rows` of the last line of an import that was cut off.'),
});

export type ImportQuery = z.infer<typeof importQuery>;

const rowError = z
  .strictObject({
    row: z.int().describe('Counted from 1; the header of a CSV file and empty lines are none.'),
    field: z.string(),
    code: z.string(),
    detail: z.string(),
  })
  .meta({ id: 'RowError' });

const count = z.int().min(0);

/** Counts are of the whole import up to this line. */
export const importLine = z
  .strictObject({
    rows: count.describe('Rows of the file that are done, with those that were skipped.'),
    created: count,
    changed: count,
    unchanged: count,
    failed: count.describe('Rows that were left out.'),
    errors: z.array(rowError).describe('Of the rows since the line before.'),
    errorsLeftOut: count.describe('More errors since the line before.'),
    position: z.string().nullable().describe('Of the last change, for `GET /v1/config/propagation`.'),
    done: z.boolean().describe('The whole file was read.'),
    problem: problemAnswer.optional().describe('Why it ended before; repeat it with skipRows.'),
  })
  .meta({ id: 'ImportLine' });

export type ImportLine = Readonly<Omit<z.infer<typeof importLine>, 'problem'>> & { readonly problem?: Problem };
export type RowError = z.infer<typeof rowError>;
