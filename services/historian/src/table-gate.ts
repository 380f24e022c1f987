/** Makes sure of a table before its first row, and remembers those that are as they should be. */
import { ensureTable, type QuestDb, type TableDefinition } from '@millrace/timeseries';

export class TableGate {
  readonly #store: QuestDb;
  readonly #ensured = new Map<string, Promise<void>>();

  constructor(store: QuestDb) {
    this.#store = store;
  }

  /** Throws `configuration_invalid` for a table that must not be written, `store_unavailable` while QuestDB is away. */
  ensure(table: TableDefinition): Promise<void> {
    const known = this.#ensured.get(table.name);
    if (known) return known;
    const ensured = ensureTable(this.#store, table);
    this.#ensured.set(table.name, ensured);
    ensured.catch(() => this.#ensured.delete(table.name));
    return ensured;
  }

  async ensureAll(tables: readonly TableDefinition[]): Promise<void> {
    for (const table of tables) await this.ensure(table);
  }
}
