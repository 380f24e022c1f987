/** Every text that a script of the tenant had: added once, then the same for ever, also when the script is deleted. */
import { createHash } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { Tables } from './tables.ts';

export interface ScriptText {
  readonly scriptId: string;
  readonly version: number;
  readonly language: string;
  readonly source: string;
  /** Why it was published although its samples failed; null: they passed. */
  readonly override?: string | null;
}

export interface ScriptVersion {
  readonly version: number;
  readonly language: string;
  /** SHA-256 of the text in UTF-8, hexadecimal. */
  readonly hash: string;
  readonly createdAt: Date;
  /** As in ScriptText. */
  readonly override: string | null;
}

export class ScriptVersions {
  readonly #transaction: Transaction<Tables>;
  readonly #tenant: string;

  constructor(transaction: Transaction<Tables>, tenant: string) {
    this.#transaction = transaction;
    this.#tenant = tenant;
  }

  /** By script, of those that ever had one: the highest version, and how many there are. */
  async latest(
    scriptIds: readonly string[],
  ): Promise<ReadonlyMap<string, { readonly version: number; readonly count: number }>> {
    if (scriptIds.length === 0) return new Map();
    const rows = await this.#transaction
      .selectFrom('script_versions')
      .select((expression) => [
        'script_id',
        expression.fn.max('version').as('version'),
        expression.fn.countAll<bigint>().as('count'),
      ])
      .where('tenant', '=', this.#tenant)
      .where('script_id', '=', sql<string>`ANY(${[...scriptIds]}::text[])`)
      .groupBy('script_id')
      .execute();
    return new Map(rows.map(({ script_id: id, version, count }) => [id, { version, count: Number(count) }]));
  }

  /** Throws `already_exists` for a version that is there. */
  async add(texts: readonly ScriptText[]): Promise<void> {
    if (texts.length === 0) return;
    const rows = texts.map(({ scriptId, version, language, source, override }) => ({
      tenant: this.#tenant,
      script_id: scriptId,
      version,
      language,
      source,
      hash: createHash('sha256').update(source).digest('hex'),
      override_reason: override ?? null,
    }));
    await this.#transaction.insertInto('script_versions').values(rows).execute();
  }

  /** Downwards from below that version. */
  async list(scriptId: string, below: number, limit: number): Promise<readonly ScriptVersion[]> {
    const rows = await this.#transaction
      .selectFrom('script_versions')
      .select(['version', 'language', 'hash', 'created_at as createdAt', 'override_reason as override'])
      .where('tenant', '=', this.#tenant)
      .where('script_id', '=', scriptId)
      .where('version', '<', below)
      .orderBy('version', 'desc')
      .limit(limit)
      .execute();
    return rows;
  }

  async find(scriptId: string, version: number): Promise<(ScriptVersion & ScriptText) | undefined> {
    const row = await this.#transaction
      .selectFrom('script_versions')
      .select([
        'script_id as scriptId',
        'version',
        'language',
        'source',
        'hash',
        'created_at as createdAt',
        'override_reason as override',
      ])
      .where('tenant', '=', this.#tenant)
      .where('script_id', '=', scriptId)
      .where('version', '=', version)
      .executeTakeFirst();
    return row;
  }
}
