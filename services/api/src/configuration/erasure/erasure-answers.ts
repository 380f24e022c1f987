/** The forms of questions about erasures, and of receipts. */
import { tenantPattern } from '@millrace/contracts';
import type { Erasure } from '@millrace/control';
import { z } from 'zod';

const itemsPerPageMax = 1_000;

const tenantName = z.string().regex(tenantPattern);
const time = z.iso.datetime();

export const deletionQuery = z.strictObject({
  confirm: z.string().max(64).describe('The name of the tenant once more: what is deleted does not come back.'),
});

export const erasuresQuery = z.strictObject({
  cursor: z.string().max(64).default('').describe('`next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(itemsPerPageMax).default(100),
});

const step = z
  .strictObject({
    name: z
      .enum(['hide', 'configuration', 'tables', 'caches', 'topics', 'verify'])
      .describe(
        'hide: no service works for it any more; configuration: PostgreSQL and its topics; tables: QuestDB; caches: Redis; topics: other compacted topics; verify: everything was looked at again.',
      ),
    begunAt: time,
    endedAt: time.nullable().describe('Null: not yet, or it is done again.'),
    removed: z.array(
      z.strictObject({
        name: z.string().describe('Kind of entity, table or topic.'),
        unit: z.enum(['entities', 'rows', 'tables', 'keys', 'records']),
        count: z.int().min(0),
      }),
    ),
  })
  .meta({ id: 'ErasureStep' });

export const erasureAnswer = z
  .strictObject({
    tenant: tenantName,
    state: z
      .enum(['waiting', 'running', 'failed', 'done'])
      .describe('failed: the last attempt did; it is repeated at `nextAttemptAt`.'),
    askedBy: z.string().describe('Id of the API key.'),
    askedAt: time,
    doneAt: time.nullable(),
    attempts: z.int().min(0),
    steps: z.array(step),
    failure: z
      .strictObject({ at: time, step: z.string(), code: z.string(), reason: z.string() })
      .nullable()
      .describe('Of the last attempt.'),
    nextAttemptAt: time.nullable().describe('Null: there is none ahead.'),
    expires: z
      .array(z.strictObject({ topic: z.string(), at: time }))
      .describe(
        'Once it is done: when the last records that name the tenant have left each topic of Kafka, at the latest.',
      ),
    remains: z.array(z.string()).describe('What stays beside this receipt.'),
  })
  .meta({ id: 'Erasure' });

export const erasuresAnswer = z
  .strictObject({
    items: z.array(erasureAnswer),
    next: z.string().nullable().describe('Cursor of the next page; null: this is the last.'),
  })
  .meta({ id: 'ErasurePage' });

const remains = [
  'The name of the tenant, which is not given again.',
  'In shared tables of QuestDB: for each row a time without anything else, until its partition leaves by retention; in points_forever, alarm_events and statistic_results for good.',
  "In shared tables of QuestDB: the names of its devices, signals, rules and statistics in the lists of symbols, and its rows in the table's log until QuestDB begins the next segment.",
  'Backups and exports that were made before.',
];

export function erasureOf(erasure: Erasure): z.infer<typeof erasureAnswer> {
  const { tenant, state, askedBy, askedAt, doneAt, attempts, steps, failure, nextAttemptAt, expires } = erasure;
  return {
    tenant,
    state,
    askedBy,
    askedAt: askedAt.toISOString(),
    doneAt: doneAt?.toISOString() ?? null,
    attempts,
    steps: steps.map(({ name, begunAt, endedAt, removed }) => ({
      name: name as z.infer<typeof step>['name'],
      begunAt,
      endedAt,
      removed: removed.map(({ name: of, unit, count }) => ({ name: of, unit, count })),
    })),
    failure,
    nextAttemptAt: state === 'failed' ? nextAttemptAt.toISOString() : null,
    expires: [...expires],
    remains,
  };
}
