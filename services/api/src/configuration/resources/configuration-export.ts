/** The configuration as one document, in the form in which `ConfigurationApply` takes it: applied again it changes nothing. */
import { fileFormOf, writtenEntities } from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
import { type Database, listResources } from '@millrace/control';
import type { Omitted } from './configuration-apply.ts';
import { definitionOf } from './resource-definitions.ts';
import { entityIn } from './stored-body.ts';

/** A page in memory at a time: some hundred kilobytes. */
const rowsPerPage = 1_000;
/** Each holds a connection to PostgreSQL, of which there are ten, until its answer is read. */
const exportsMax = 2;

export interface ExportWishes {
  /** Null: all of them. */
  readonly tenant: string | null;
  /** Hashes of passwords and keys too. */
  readonly withHashes: boolean;
}

type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];

export class ConfigurationExport {
  readonly #database: Database;
  #running = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** JSON in pieces. Throws `not_found` for a tenant that there is not, `overloaded`. */
  async *document({ tenant, withHashes }: ExportWishes): AsyncGenerator<string> {
    if (this.#running >= exportsMax)
      throw new MillraceError('overloaded', `${exportsMax} exports run already; try again in a moment.`);
    this.#running += 1;
    try {
      yield* this.#database.snapshot(tenant, (transaction) => pieces(transaction, tenant, withHashes));
    } finally {
      this.#running -= 1;
    }
  }
}

async function* pieces(transaction: Transaction, only: string | null, withHashes: boolean): AsyncGenerator<string> {
  const tenants = await tenantsOf(transaction, only);
  const omitted: readonly Omitted[] = withHashes
    ? ['channels.secrets', 'connections']
    : ['apiKeys', 'channels.secrets', 'connections', 'deviceCredentials', 'devices.passwordHashes'];
  yield `{"omitted":${JSON.stringify(omitted)}`;
  for (const entity of writtenEntities) {
    if (omitted.some((name) => name === entity)) continue;
    let separator = `,"${entity}":[`;
    for (const tenant of tenants)
      for await (const page of pagesOf(transaction, tenant, definitionOf(entity))) {
        const forms = page.map(({ body }) => {
          const { passwordHashes, ...form } = fileFormOf(entity, entityIn(entity, body));
          return JSON.stringify(passwordHashes === undefined || !withHashes ? form : { ...form, passwordHashes });
        });
        if (forms.length === 0) continue;
        yield separator + forms.join();
        separator = ',';
      }
    yield separator === ',' ? ']' : `${separator}]`;
  }
  yield '}\n';
}

async function tenantsOf(transaction: Transaction, only: string | null): Promise<readonly string[]> {
  const tenants: string[] = [];
  for await (const page of pagesOf(transaction, only, definitionOf('tenants')))
    tenants.push(...page.map(({ id }) => id));
  if (tenants.length === 0) throw new MillraceError('not_found', `There is no tenant ${only}.`);
  return tenants;
}

async function* pagesOf(
  transaction: Transaction,
  tenant: string | null,
  definition: ReturnType<typeof definitionOf>,
): AsyncGenerator<Awaited<ReturnType<typeof listResources>>['items']> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query = { filters: {}, sort: 'id', limit: rowsPerPage, cursor };
    const page = await listResources(transaction, tenant, definition, query);
    yield page.items;
    cursor = page.next;
  }
}
