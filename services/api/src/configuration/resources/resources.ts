/** Entities of the configuration, as programs ask for and change them: checked, in one transaction each, with the outbox. */
import { type Entities, idOf, referencesOf, type SecretKeeper, viewOf, type WrittenEntity } from '@millrace/config';
import { type FieldError, MillraceError } from '@millrace/contracts';
import {
  type Body,
  type Database,
  type ListQuery,
  listResources,
  type Page,
  rememberAnswer,
  rememberedAnswer,
  type Resource,
  ResourceRows,
} from '@millrace/control';
import type { Expected } from '@millrace/platform/rest';
import { endDevices } from '../credentials/deleted-devices.ts';
import type { ScriptPublishing } from '../scripts/script-publishing.ts';
import { readBody } from './read-body.ts';
import { definitionOf, type ResourceDefinition } from './resource-definitions.ts';
import { bodyOf, entityIn } from './stored-body.ts';
import { writeEntities, type WriteTools } from './write-entities.ts';

export interface Changed {
  readonly resource: Resource;
  /** Of the change in the outbox; undefined: nothing was different. */
  readonly position: bigint | undefined;
}

export interface ChangeOptions {
  /** Of scripts: why it is published although its samples fail. */
  readonly override?: string | undefined;
}

export class Resources {
  readonly #database: Database;
  readonly #secrets: SecretKeeper;
  readonly #publishing: ScriptPublishing;

  constructor(database: Database, secrets: SecretKeeper, publishing: ScriptPublishing) {
    this.#database = database;
    this.#secrets = secrets;
    this.#publishing = publishing;
  }

  list(definition: ResourceDefinition, tenant: string, query: ListQuery): Promise<Page> {
    return this.#in(definition, tenant, ({ transaction }) =>
      listResources(transaction, definition.entity === 'tenants' ? null : tenant, definition, query),
    );
  }

  async get(definition: ResourceDefinition, tenant: string, id: string): Promise<Resource> {
    const found = await this.#in(definition, tenant, ({ rows }) => rows.find(definition.name, id), id);
    return found ?? absent(definition, id);
  }

  /** `idempotencyKey`: a second creation with it gives what the first made. Throws `already_exists` and what `#check` throws. */
  create(
    definition: ResourceDefinition,
    tenant: string,
    body: unknown,
    { idempotencyKey, override }: { readonly idempotencyKey?: string | undefined } & ChangeOptions = {},
  ): Promise<Changed> {
    const entity = readBody(definition.entity, tenant, body, undefined, this.#secrets);
    const id = idOf(definition.entity, entity);
    // A plain hash of what may hold a password would let it be tried out.
    const request =
      idempotencyKey === undefined
        ? undefined
        : { tenant, key: idempotencyKey, requestHash: this.#hashOf(definition, body) };
    return this.#write(
      definition,
      tenant,
      override,
      async (tools) => {
        const { rows, transaction } = tools;
        const answered = request && (await rememberedAnswer(transaction, request));
        if (answered) return repeated(await rows.find(definition.name, id), id, answered);
        await this.#check(rows, definition, entity);
        const write = { id, body: bodyOf(entity), before: undefined };
        const [resource] = await writeEntities(tools, definition.entity, [write]);
        if (request) await rememberAnswer(transaction, request, { position: String(resource!.revision) });
        return { resource: resource!, position: rows.position };
      },
      id,
    );
  }

  /** A merge patch of what `get` shows. Throws `not_found`, `precondition_failed` and what `create` throws. */
  patch(
    definition: ResourceDefinition,
    tenant: string,
    id: string,
    patch: unknown,
    expected: Expected,
    { override }: ChangeOptions = {},
  ): Promise<Changed> {
    return this.#write(
      definition,
      tenant,
      override,
      async (tools) => {
        const { rows } = tools;
        const before = (await rows.lock(definition.name, id)) ?? absent(definition, id);
        requireRevision(before, expected);
        const entity = readBody(
          definition.entity,
          tenant,
          patch,
          entityIn(definition.entity, before.body),
          this.#secrets,
        );
        if (idOf(definition.entity, entity) !== id)
          throw new MillraceError(
            'invalid_field',
            `The id of a ${definition.singular} does not change; create another one.`,
          );
        await this.#check(rows, definition, entity);
        const write = { id, body: bodyOf(entity), before };
        const [resource] = await writeEntities(tools, definition.entity, [write]);
        return { resource: resource!, position: rows.position };
      },
      id,
    );
  }

  /** Throws `not_found`, `precondition_failed`, `in_use`. Gives the position of the change. */
  remove(definition: ResourceDefinition, tenant: string, id: string, expected: Expected): Promise<bigint | undefined> {
    return this.#in(
      definition,
      tenant,
      async ({ rows, transaction }) => {
        const before = (await rows.lock(definition.name, id)) ?? absent(definition, id);
        requireRevision(before, expected);
        if (definition.entity === 'devices') await endDevices(transaction, rows, [id]);
        await rows.delete(definition.name, [id]);
        for (const { kind, path } of definition.referredToBy) {
          const referrer = await rows.referrer(kind, path, id);
          if (referrer !== undefined)
            throw new MillraceError(
              'in_use',
              `${kind.replaceAll('_', ' ')}: ${referrer} refers to it; change that first.`,
            );
        }
        return rows.position;
      },
      id,
    );
  }

  /** For what only one kind of entity has. */
  within<T>(tenant: string, read: (transaction: WriteTools['transaction']) => Promise<T>): Promise<T> {
    return this.#database.ofTenant(tenant, read);
  }

  /** What everybody who may read may see. */
  view({ entity }: ResourceDefinition, { body, createdAt, updatedAt }: Resource): Readonly<Record<string, unknown>> {
    return {
      ...viewOf(entity, entityIn(entity, body)),
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
    };
  }

  #hashOf({ path }: ResourceDefinition, body: unknown): string {
    return this.#secrets.hash(JSON.stringify([path, body]));
  }

  /** What it refers to is there, and stays until the transaction ends. */
  async #check<E extends WrittenEntity>(
    rows: ResourceRows,
    { entity }: ResourceDefinition & { readonly entity: E },
    it: Entities[E],
  ): Promise<void> {
    const references = referencesOf(entity, it as never);
    const errors: FieldError[] = [];
    for (const [target, some] of Map.groupBy(references, (one) => one.entity)) {
      const missing = new Set(
        await rows.missing(
          definitionOf(target as WrittenEntity).name,
          some.map(({ id }) => id),
        ),
      );
      for (const { id, field } of some.filter((one) => missing.has(one.id)))
        errors.push({ field, code: 'unknown_reference', detail: `There is no ${id}.` });
    }
    const [first] = errors;
    if (first) throw new MillraceError('unknown_reference', `${first.field}: ${first.detail}`, { errors });
  }

  /** As `#in`, for what may write a script. */
  #write<T>(
    definition: ResourceDefinition,
    tenant: string,
    override: string | undefined,
    work: (tools: WriteTools) => Promise<T>,
    id: string,
  ): Promise<T> {
    if (definition.entity !== 'scripts') return this.#in(definition, tenant, work, id);
    return this.#publishing.publish(tenant, override, (gate) =>
      this.#in(definition, tenant, (tools) => work({ ...tools, gate }), id),
    );
  }

  /** Tenants are rows of themselves: their id is the tenant whose rows are seen, and a list of them sees all. */
  #in<T>(
    { entity }: ResourceDefinition,
    tenant: string,
    work: (tools: WriteTools) => Promise<T>,
    id?: string,
  ): Promise<T> {
    const within = entity === 'tenants' ? id : tenant;
    const run = (transaction: WriteTools['transaction']): Promise<T> =>
      work({ transaction, rows: new ResourceRows(transaction, within ?? '') });
    return within === undefined ? this.#database.transaction(run) : this.#database.ofTenant(within, run);
  }
}

function requireRevision({ revision }: Resource, expected: Expected): void {
  if (expected !== undefined && expected !== revision)
    throw new MillraceError(
      'precondition_failed',
      'It has been changed since you read it; read it again and repeat your change.',
    );
}

function repeated(resource: Resource | undefined, id: string, { position }: Body): Changed {
  if (!resource) throw new MillraceError('not_found', `${id} was created by this request and deleted meanwhile.`);
  return { resource, position: BigInt(position as string) };
}

function absent({ singular }: ResourceDefinition, id: string): never {
  throw new MillraceError('not_found', `There is no ${singular} ${id}.`);
}
