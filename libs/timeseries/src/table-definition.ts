/** What a table of ours has to look like in QuestDB, and the statement that makes it so. */

export type ColumnType = 'TIMESTAMP' | 'SYMBOL' | 'VARCHAR' | 'LONG' | 'INT' | 'DOUBLE' | 'BYTE';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Symbols only: distinct values expected; QuestDB sizes its hash table by it and grows it when there are more. */
  readonly capacity?: number;
}

export interface TableDefinition {
  /** `[a-z0-9_]+`: goes into statements unquoted. */
  readonly name: string;
  /** The first one is the designated timestamp. */
  readonly columns: readonly Column[];
  readonly partitionBy: 'DAY' | 'MONTH';
  /** Days after which QuestDB drops a partition; undefined: never. */
  readonly retentionDays?: number;
  /** Identity of a row: the same keys again replace it. The designated timestamp is always one of them. */
  readonly keys: readonly string[];
}

/** The statement that creates the table unless it is there; without dedup a repeated batch would be stored twice. */
export function createTableStatement(table: TableDefinition): string {
  const columns = table.columns.map(columnClause).join(', ');
  const retention = table.retentionDays === undefined ? '' : ` TTL ${table.retentionDays} DAYS`;
  return (
    `CREATE TABLE IF NOT EXISTS ${table.name} (${columns}) TIMESTAMP(${table.columns[0]?.name}) ` +
    `PARTITION BY ${table.partitionBy}${retention} WAL DEDUP UPSERT KEYS(${table.keys.join(', ')})`
  );
}

function columnClause({ name, type, capacity }: Column): string {
  return capacity === undefined ? `${name} ${type}` : `${name} ${type} CAPACITY ${capacity}`;
}
