/**
 * The two forms of an entity beside the published one: as a program writes it to the api (without its tenant, which is the
 * key's), and as it goes back there.
 */
import { isoTimeOf, type FieldError, MillraceError } from '@millrace/contracts';
import { z } from 'zod';
import type { ConfigurationFiles } from './configuration-files.ts';
import { type Entities, type EntityName, idFields } from './entities.ts';
import { entitySchemas } from './entity-schemas.ts';

type FileEntity<E extends EntityName> = ConfigurationFiles[E][number];

/** Entities that programs write to the api; connections are the client manager's. */
export type WrittenEntity = Exclude<EntityName, 'connections'>;

/** As the schema of config.scripts.v1 says: a script is code, not a table. */
const scriptCharsMax = 256 * 1024;

const source = z.string().max(scriptCharsMax).describe('The text of the script.');

/** For documents: what `readEntity` takes. */
export function entityBodySchema(entity: WrittenEntity): z.ZodObject {
  const { tenant, ...shape } = entitySchemas[entity].shape as Record<string, z.ZodType>;
  if (entity === 'tenants') return z.strictObject({ tenant: tenant!, ...shape });
  if (entity !== 'scripts') return z.strictObject(shape);
  const { file: _file, ...rest } = shape;
  return z.strictObject({ ...rest, source });
}

/** A whole configuration as one document: the files of a folder, scripts with their text. */
export const fileSchemas = {
  tenants: z.array(entitySchemas.tenants).min(1),
  scripts: z.array(entitySchemas.scripts.partial({ file: true }).extend({ source })).default([]),
  products: z.array(entitySchemas.products).default([]),
  devices: z.array(entitySchemas.devices).default([]),
  apiKeys: z.array(entitySchemas.apiKeys).default([]),
  deviceCredentials: z.array(entitySchemas.deviceCredentials).default([]),
  certificateAuthorities: z.array(entitySchemas.certificateAuthorities).default([]),
  tokenIssuers: z.array(entitySchemas.tokenIssuers).default([]),
  channels: z.array(entitySchemas.channels).default([]),
  templates: z.array(entitySchemas.templates).default([]),
  alarmRules: z.array(entitySchemas.alarmRules).default([]),
  statistics: z.array(entitySchemas.statistics).default([]),
} as const satisfies { readonly [E in WrittenEntity]: z.ZodType };

/** A body of a request as an entity of the tenant. Throws `invalid_field` with every wrong field. */
export function readEntity<E extends WrittenEntity>(entity: E, tenant: string, body: unknown): FileEntity<E> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw refused([{ field: '', code: 'invalid_type', detail: 'The body must be a JSON object.' }]);
  if (entity !== 'tenants' && 'tenant' in body)
    throw refused([{ field: 'tenant', code: 'unrecognized_keys', detail: 'The tenant is that of the key.' }]);
  const { input, rest } = entity === 'scripts' ? withoutSource(body) : { input: body, rest: {} };
  const parsed = entitySchemas[entity].safeParse({ ...input, ...(entity !== 'tenants' && { tenant }) });
  if (parsed.success) return { ...parsed.data, ...rest } as FileEntity<E>;
  throw refused(
    parsed.error.issues.map(({ path, code, message }) => ({
      field: path.map(String).join('.'),
      code,
      detail: message,
    })),
  );
}

/** The published entity in the form of a file, as far as it can be told: secrets only as hashes, or not at all. */
export function fileFormOf<E extends WrittenEntity>(
  entity: E,
  published: Entities[E],
): Readonly<Record<string, unknown>> {
  const form: (it: Entities[E]) => Readonly<Record<string, unknown>> = fileForms[entity];
  return form(published);
}

/** What everyone who may read the configuration may see. */
export function viewOf<E extends WrittenEntity>(entity: E, published: Entities[E]): Readonly<Record<string, unknown>> {
  const { tenant, passwordHashes, hash: _hash, ...view } = fileFormOf(entity, published);
  if (entity === 'tenants') return { tenant, ...view };
  if (entity === 'channels') return { ...view, hasSecrets: (published as Entities['channels']).secretsSealed !== null };
  return entity === 'devices' ? { ...view, passwords: (passwordHashes as readonly string[]).length } : view;
}

type FileForms = {
  readonly [E in WrittenEntity]: (published: Entities[E]) => Readonly<Record<string, unknown>>;
};

const same = (published: object): Readonly<Record<string, unknown>> => ({ ...published });

const fileForms: FileForms = {
  tenants: same,
  scripts: same,
  products: same,
  devices: same,
  templates: same,
  alarmRules: same,
  statistics: same,
  channels: ({ secretsSealed: _sealed, ...channel }) => channel,
  certificateAuthorities: same,
  tokenIssuers: same,
  apiKeys: withEnd,
  deviceCredentials: withEnd,
};

function withEnd({
  expiresAtMicros,
  ...rest
}: {
  readonly expiresAtMicros: number | null;
}): Readonly<Record<string, unknown>> {
  return { ...rest, expiresAt: expiresAtMicros === null ? null : isoTimeOf(expiresAtMicros) };
}

function withoutSource(body: object): { readonly input: object; readonly rest: object } {
  const { source: text, file, ...input } = body as Record<string, unknown>;
  const parsed = source.safeParse(text);
  const errors: FieldError[] = [];
  if (file !== undefined) errors.push({ field: 'file', code: 'unrecognized_keys', detail: 'Send the text as source.' });
  for (const { code, message } of parsed.error?.issues ?? []) errors.push({ field: 'source', code, detail: message });
  if (errors.length > 0) throw refused(errors);
  return { input: { ...input, file: 'scripts/of-the-api' }, rest: { source: parsed.data } };
}

function refused(errors: readonly FieldError[]): MillraceError {
  const [first] = errors;
  return new MillraceError('invalid_field', `${first?.field || 'The body'}: ${first?.detail}`, { errors });
}

/** The id in an entity of this kind. */
export function idOf<E extends EntityName>(entity: E, it: Entities[E] | FileEntity<E>): string {
  return Reflect.get(it, idFields[entity]) as string;
}
