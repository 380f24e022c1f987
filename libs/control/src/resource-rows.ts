/** Entities as rows, inside a transaction of one tenant. Every change is a row of the outbox as well. */
import { isDeepStrictEqual } from 'node:util';
import { MillraceError } from '@millrace/contracts';
import { sql, type Transaction } from 'kysely';
import { requireKept } from './erasure-row.ts';
import { outboxChannel, outboxLock } from './outbox.ts';
import { type Resource, resourceOf, type ResourceRow } from './resource.ts';
import type { AnyResource, Body, ResourceName, Tables } from './tables.ts';

export class ResourceRows {
  readonly #transaction: Transaction<Tables>;
  readonly tenant: string;
  readonly #purpose: 'change' | 'erasing';
  #position: bigint | undefined;

  /** `erasing`: the erasure itself; everybody else changes nothing of a tenant that is being erased or was. */
  constructor(transaction: Transaction<Tables>, tenant: string, purpose: 'change' | 'erasing' = 'change') {
    this.#transaction = transaction;
    this.tenant = tenant;
    this.#purpose = purpose;
  }

  /** Position of the last change of this transaction; undefined: nothing was changed. */
  get position(): bigint | undefined {
    return this.#position;
  }

  /** Waits for other writers and keeps them waiting until this transaction ends: for what must not be decided twice. */
  async takeTurn(): Promise<void> {
    await sql`SELECT pg_advisory_xact_lock(${outboxLock})`.execute(this.#transaction);
  }

  async find(kind: ResourceName, id: string): Promise<Resource | undefined> {
    const row = await this.#rows(kind).where('id', '=', id).executeTakeFirst();
    return row && resourceOf(row);
  }

  /** As `find`; nobody else changes it until this transaction ends. Others may refer to it meanwhile. */
  async lock(kind: ResourceName, id: string): Promise<Resource | undefined> {
    const row = await this.#rows(kind).where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
    return row && resourceOf(row);
  }

  async findMany(kind: ResourceName, ids: readonly string[]): Promise<ReadonlyMap<string, Resource>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#rows(kind)
      .where('id', '=', sql<string>`ANY(${[...ids]}::text[])`)
      .execute();
    return new Map(rows.map((row) => [row.id, resourceOf(row)]));
  }

  async count(kind: ResourceName): Promise<number> {
    const { count } = await this.#transaction
      .selectFrom(kind as AnyResource)
      .select((expression) => expression.fn.countAll<bigint>().as('count'))
      .where('tenant', '=', this.tenant)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** As `findMany`; nobody else changes them until this transaction ends. */
  async lockMany(kind: ResourceName, ids: readonly string[]): Promise<ReadonlyMap<string, Resource>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#rows(kind)
      .where('id', '=', sql<string>`ANY(${[...ids]}::text[])`)
      // In one order, so that two who lock the same do not wait for each other.
      .orderBy('id')
      .forNoKeyUpdate()
      .execute();
    return new Map(rows.map((row) => [row.id, resourceOf(row)]));
  }

  /** By value of a column: the id of one that has it, beside `except`. */
  async holders(
    kind: ResourceName,
    column: string,
    values: readonly string[],
    except: readonly string[] = [],
  ): Promise<ReadonlyMap<string, string>> {
    if (values.length === 0) return new Map();
    const { rows } = await sql<{ readonly value: string; readonly id: string }>`
      SELECT ${sql.ref(column)} AS value, id FROM ${sql.table(kind)}
      WHERE tenant = ${this.tenant} AND ${sql.ref(column)} = ANY(${[...values]}::text[])
        AND NOT id = ANY(${[...except]}::text[])`.execute(this.#transaction);
    return new Map(rows.map(({ value, id }) => [value, id]));
  }

  async all(kind: ResourceName): Promise<readonly Resource[]> {
    return (await this.#rows(kind).orderBy('id').execute()).map(resourceOf);
  }

  /** Throws `already_exists`. */
  async create(kind: ResourceName, id: string, body: Body): Promise<Resource> {
    const [created] = await this.write(kind, [{ id, body, before: undefined }]);
    return created!;
  }

  /**
   * Creates and changes many of one kind; what is as it was before is not written again. Gives them as they are now, in the order
   * of the call.
   */
  async write(kind: ResourceName, changes: readonly ResourceWrite[]): Promise<readonly Resource[]> {
    const real = changes.filter(({ body, before }) => !before || !isDeepStrictEqual(body, before.body));
    const positions = await this.#nextPositions(real.length);
    const written = new Map<string, Resource>();
    for (const part of chunksOf(real.map((change, index) => ({ ...change, position: positions[index]! })))) {
      const rows = part.map(({ id, body, position }) => ({
        tenant: this.tenant,
        id,
        revision: position,
        body: JSON.stringify(body),
      }));
      const created = rows.filter((_, index) => !part[index]!.before);
      const changed = rows.filter((_, index) => part[index]!.before);
      for (const row of created.length > 0 ? await this.#insert(kind, created) : []) written.set(row.id, row);
      for (const row of changed.length > 0 ? await this.#update(kind, changed) : []) written.set(row.id, row);
      await this.#append(
        kind,
        rows.map(({ id, revision, body }) => ({ id, position: revision, body })),
      );
    }
    return changes.map(({ id, before }) => written.get(id) ?? before!);
  }

  /** Throws `not_found` for one that is not there, `in_use` at the latest when the transaction ends. */
  async delete(kind: ResourceName, ids: readonly string[]): Promise<void> {
    const positions = await this.#nextPositions(ids.length);
    for (const part of chunksOf(ids.map((id, index) => ({ id, position: positions[index]! })))) {
      const deleted = await this.#transaction
        .deleteFrom(kind as AnyResource)
        .where('tenant', '=', this.tenant)
        .where('id', '=', sql<string>`ANY(${part.map(({ id }) => id)}::text[])`)
        .returning('id')
        .execute();
      const gone = new Set(deleted.map(({ id }) => id));
      const missing = part.find(({ id }) => !gone.has(id));
      if (missing) throw new MillraceError('not_found', `There is no ${missing.id} to delete.`);
      await this.#append(
        kind,
        part.map((one) => ({ ...one, body: null })),
      );
    }
  }

  /** Which of these are not there; those that are stay until this transaction ends. */
  async missing(kind: ResourceName, ids: readonly string[]): Promise<readonly string[]> {
    if (ids.length === 0) return [];
    const rows = await this.#transaction
      .selectFrom(kind as AnyResource)
      .select('id')
      .where('tenant', '=', this.tenant)
      .where('id', '=', sql<string>`ANY(${[...ids]}::text[])`)
      .forKeyShare()
      .execute();
    const found = new Set(rows.map(({ id }) => id));
    return ids.filter((id) => !found.has(id));
  }

  /** The id of one whose body has this value at a JSON path. */
  async referrer(kind: ResourceName, path: string, id: string): Promise<string | undefined> {
    const row = await this.#rows(kind)
      .where(
        sql<boolean>`jsonb_path_exists(body, ${`${path} ? (@ == $id)`}::jsonpath, jsonb_build_object('id', ${id}::text))`,
      )
      .limit(1)
      .executeTakeFirst();
    return row?.id;
  }

  #rows(kind: ResourceName) {
    return this.#transaction
      .selectFrom(kind as AnyResource)
      .select(['tenant', 'id', 'revision', 'body', 'created_at', 'updated_at'])
      .where('tenant', '=', this.tenant);
  }

  async #insert(kind: ResourceName, rows: readonly NewRow[]): Promise<readonly Resource[]> {
    const inserted = await this.#transaction
      .insertInto(kind as AnyResource)
      .values([...rows])
      .onConflict((conflict) => conflict.columns(['tenant', 'id']).doNothing())
      .returning(['tenant', 'id', 'revision', 'body', 'created_at', 'updated_at'])
      .execute();
    const found = new Set(inserted.map(({ id }) => id));
    const there = rows.find(({ id }) => !found.has(id));
    if (there) throw new MillraceError('already_exists', `There is a ${there.id} already.`);
    return inserted.map(resourceOf);
  }

  async #update(kind: ResourceName, rows: readonly NewRow[]): Promise<readonly Resource[]> {
    const table = sql.table(kind);
    const { rows: updated } = await sql<ResourceRow>`
      UPDATE ${table} AS target SET body = changed.body, revision = changed.revision, updated_at = now()
      FROM unnest(${rows.map(({ id }) => id)}::text[], ${rows.map(({ revision }) => String(revision))}::bigint[],
        ${rows.map(({ body }) => body)}::jsonb[]) AS changed (id, revision, body)
      WHERE target.tenant = ${this.tenant} AND target.id = changed.id
      RETURNING target.tenant, target.id, target.revision, target.body, target.created_at, target.updated_at`.execute(
      this.#transaction,
    );
    if (updated.length < rows.length) throw new MillraceError('conflict', 'One of them was deleted meanwhile.');
    return updated.map(resourceOf);
  }

  async #nextPositions(count: number): Promise<readonly bigint[]> {
    if (count === 0) return [];
    const { rows } = await sql<{ position: bigint }>`
      SELECT nextval('outbox_position') AS position
      FROM (SELECT pg_advisory_xact_lock(${outboxLock})) AS held, generate_series(1, ${count})`.execute(
      this.#transaction,
    );
    if (this.#purpose === 'change') await requireKept(this.#transaction, this.tenant);
    this.#position = rows.at(-1)!.position;
    return rows.map(({ position }) => position);
  }

  async #append(
    kind: ResourceName,
    changes: readonly { readonly id: string; readonly position: bigint; readonly body: string | null }[],
  ): Promise<void> {
    const rows = changes.map((change) => ({ ...change, tenant: this.tenant, kind }));
    // In one statement: other writers wait for the end of this transaction.
    await this.#transaction
      .with('appended', (within) => within.insertInto('outbox').values(rows))
      .selectNoFrom(sql`pg_notify(${outboxChannel}, '')`.as('notified'))
      .execute();
  }
}

export interface ResourceWrite {
  readonly id: string;
  readonly body: Body;
  /** As it is now; undefined: it must not be there. */
  readonly before: Resource | undefined;
}

interface NewRow {
  readonly tenant: string;
  readonly id: string;
  readonly revision: bigint;
  readonly body: string;
}

/** PostgreSQL takes 65,535 parameters in a statement, and a statement of a thousand rows is large enough. */
const rowsMax = 1_000;

function* chunksOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let first = 0; first < items.length; first += rowsMax) yield items.slice(first, first + rowsMax);
}
