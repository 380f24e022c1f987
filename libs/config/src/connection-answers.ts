/** The forms of requests and answers about connections and the instances that have them: of the client manager, and of the api in front of it. */
import { z } from 'zod';
import { connections } from './entities/connections.entity.ts';

const itemsPerPageMax = 1_000;
const cursorCharsMax = 1_024;
const nameCharsMax = 64;

/** What an instance may use too much of: megabytes of memory, percent of one core, kilobytes a second in both directions. */
export const ceilingNames = ['memoryMb', 'cpuPercent', 'bandwidthKbps'] as const;

const forms = z.toJSONSchema(connections.file, { io: 'input', unrepresentable: 'any' });

/** For the document: the members of each kind. The tenant is that of the key. */
export const connectionBody = z
  .looseObject({})
  .meta({ id: 'ConnectionRequest', oneOf: withoutTenant(forms.oneOf ?? []) });

function withoutTenant(kinds: readonly z.core.JSONSchema.JSONSchema[]): readonly object[] {
  return kinds.map(({ properties = {}, required = [], ...rest }) => ({
    ...rest,
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => name !== 'tenant')),
    required: required.filter((name) => name !== 'tenant'),
  }));
}

export const connectionPatch = z.looseObject({}).meta({ id: 'ConnectionPatch', description: 'Members to change.' });

const lastError = z.strictObject({ code: z.string(), detail: z.string(), at: z.iso.datetime() }).nullable();

export const connectionAnswer = z
  .looseObject({
    tenant: z.string(),
    connectionId: z.string(),
    kind: z.string(),
    url: z.string(),
    enabled: z.boolean(),
    origin: z.enum(['api', 'folder']).describe('Who wrote it: of folder, it is changed in connections.json alone.'),
    instance: z.string().nullable().describe('Which has it; null: it is not in use.'),
    state: z
      .string()
      .describe(
        'opening, connecting, connected, waiting, refused or closed, as its instance says; disabled, suspended (its tenant), invalid, ' +
          'not_in_use (no instance has room), unknown (its instance does not answer).',
      ),
    since: z.iso.datetime().nullable(),
    epoch: z.int().nullable().describe('Of its owner; -1: there is one instance alone.'),
    lastError,
    received: z.int().describe('Messages since it was opened.'),
    acknowledged: z.int(),
    unacknowledged: z.int(),
    receivedPerSecond: z.int(),
    acknowledgedPerSecond: z.int(),
  })
  .meta({ id: 'Connection' });

export const connectionPage = z
  .strictObject({
    items: z.array(connectionAnswer),
    next: z.string().nullable().describe('Cursor of the next page; null: this is the last.'),
  })
  .meta({ id: 'ConnectionPage' });

export const connectionQuery = z.strictObject({
  state: z.string().max(nameCharsMax).optional().describe('Those in this state.'),
  instance: z.string().max(nameCharsMax).optional().describe('Those that this instance has.'),
  all: z.stringbool().default(false).describe('For keys of the platform: those of all tenants.'),
  cursor: z.string().max(cursorCharsMax).optional().describe('`next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(itemsPerPageMax).default(100),
});
export type ConnectionQuery = z.infer<typeof connectionQuery>;

export const moveRequest = z
  .strictObject({ instance: z.string().min(1).max(nameCharsMax).describe('Where it shall go.') })
  .meta({ id: 'ConnectionMove' });

export const instanceAnswer = z
  .strictObject({
    instance: z.string(),
    url: z.string(),
    state: z.string().describe('active, draining (gives its connections away) or leaving.'),
    accepting: z.boolean().describe('Whether it takes connections now.'),
    load: z.int().describe('Connections that it has.'),
    capacity: z.int().describe('Connections that it may have.'),
    ceilings: z
      .array(z.strictObject({ name: z.enum(ceilingNames), value: z.number(), max: z.number() }))
      .describe('Those above which it is: until it is clearly below, it takes no connections.'),
    since: z.iso.datetime(),
    version: z.string().nullable().describe('Null: it does not answer.'),
  })
  .meta({ id: 'ClientManagerInstance' });

export const instanceList = z
  .strictObject({ items: z.array(instanceAnswer), next: z.null() })
  .meta({ id: 'ClientManagerInstances' });
