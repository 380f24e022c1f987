/**
 * Imports of devices: rows from a file of any length into transactions of a thousand, each at the pace at which who asked reads the
 * answer. What was told as done is durable, so an import that was cut off goes on behind it.
 */
import type { SecretKeeper } from '@millrace/config';
import { asMillraceError, MillraceError } from '@millrace/contracts';
import type { Database } from '@millrace/control';
import type { Clock } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import type { apiEvents } from '../../api-events.ts';
import { type ChunkOutcome, importChunk, memberOf } from './device-chunk.ts';
import type { ImportLine, ImportQuery } from './import-answers.ts';
import type { ImportRow } from './import-rows.ts';

/** One transaction: it holds the lock of all writers of the configuration for some 100 ms. */
const rowsPerChunk = 1_000;
/** Uids and codes of a file are remembered, about 200 bytes a row, to name those that come twice. */
const rowsMax = 300_000;
/** Enough to see the pattern of a mistake. */
const errorsPerLineMax = 50;
/** Each has a connection to PostgreSQL, of which there are ten, for most of its time. */
const importsMax = 3;
/** Somebody else has written the same device, or taken the same code, in between. */
const attemptsMax = 3;

export interface DeviceImportParts {
  readonly database: Database;
  readonly secrets: SecretKeeper;
  readonly events: Emitter<typeof apiEvents>;
  readonly clock: Clock;
}

export class DeviceImport {
  readonly #parts: DeviceImportParts;
  readonly #stopping = new AbortController();
  #running = 0;

  constructor(parts: DeviceImportParts) {
    this.#parts = parts;
  }

  /** Fires when imports have to end, with what they tell as its reason. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Called by Nest. Chunks that are being written are, and then the imports end. */
  beforeApplicationShutdown(): void {
    this.#stopping.abort(new MillraceError('not_ready', 'The api stops; go on with skipRows in a moment.'));
  }

  /**
   * A line for each chunk and one more at the end. Throws what is wrong before the first chunk was written; later a last line tells
   * it. Who reads no further ends the import with the chunk that is being written.
   */
  async *run(tenant: string, rows: AsyncIterable<ImportRow>, query: ImportQuery): AsyncGenerator<ImportLine> {
    if (this.#running >= importsMax)
      throw new MillraceError('overloaded', `${importsMax} imports run already; try again in a moment.`);
    this.#running += 1;
    const startedMs = this.#parts.clock.monotonicMs();
    const sums = new ImportSums(query.skipRows);
    try {
      for await (const chunk of chunksOf(withoutDuplicates(rows, query.skipRows))) {
        sums.add(chunk.at(-1)!.row, await this.#write(tenant, chunk, query));
        yield sums.line({ done: false });
        this.stopping.throwIfAborted();
      }
      yield sums.line({ done: true });
    } catch (error) {
      if (!sums.hasBegun) throw error;
      this.#parts.events.importFailed({ tenant, rows: sums.rows, error });
      yield sums.line({ done: false, problem: asMillraceError(error).toProblem() });
    } finally {
      this.#running -= 1;
      const tookMs = Math.round(this.#parts.clock.monotonicMs() - startedMs);
      if (sums.hasBegun) this.#parts.events.devicesImported({ tenant, ...sums.counts, tookMs });
    }
  }

  async #write(tenant: string, chunk: readonly ImportRow[], query: ImportQuery): Promise<ChunkOutcome> {
    for (let attempt = 1; ; attempt += 1)
      try {
        return await importChunk(this.#parts, tenant, chunk, query);
      } catch (error) {
        const isRace = error instanceof MillraceError && ['already_exists', 'conflict'].includes(error.code);
        if (!isRace || attempt === attemptsMax) throw error;
      }
  }
}

class ImportSums {
  #rows: number;
  #counts = { created: 0, changed: 0, unchanged: 0, failed: 0 };
  #errors: ChunkOutcome['errors'] = [];
  #position: bigint | undefined;
  #begun = false;

  constructor(rows: number) {
    this.#rows = rows;
  }

  get rows(): number {
    return this.#rows;
  }

  get counts(): Pick<ChunkOutcome, 'created' | 'changed' | 'unchanged' | 'failed'> {
    return this.#counts;
  }

  get hasBegun(): boolean {
    return this.#begun;
  }

  add(rows: number, { created, changed, unchanged, failed, errors, position }: ChunkOutcome): void {
    const before = this.#counts;
    this.#begun = true;
    this.#rows = rows;
    this.#counts = {
      created: before.created + created,
      changed: before.changed + changed,
      unchanged: before.unchanged + unchanged,
      failed: before.failed + failed,
    };
    this.#errors = errors;
    this.#position = position ?? this.#position;
  }

  /** Tells each error once. */
  line(end: Pick<ImportLine, 'done' | 'problem'>): ImportLine {
    const errors = this.#errors.slice(0, errorsPerLineMax);
    const errorsLeftOut = this.#errors.length - errors.length;
    this.#errors = [];
    const position = this.#position === undefined ? null : String(this.#position);
    return { rows: this.#rows, ...this.#counts, errors, errorsLeftOut, position, ...end };
  }
}

/** Of rows with a uid or code that an earlier row has only their error. Rows that are to be skipped are left out. */
async function* withoutDuplicates(rows: AsyncIterable<ImportRow>, skipRows: number): AsyncGenerator<ImportRow> {
  const seen = { deviceUid: new Map<string, number>(), identificationCode: new Map<string, number>() };
  for await (const one of rows) {
    const { row } = one;
    if (row > rowsMax) throw new MillraceError('body_too_large', `A file has at most ${rowsMax} rows; cut it in two.`);
    const errors = Object.entries(seen).flatMap(([field, rowOf]) => {
      const value = memberOf(one, field);
      if (value === undefined) return [];
      const first = rowOf.get(value);
      if (first === undefined) rowOf.set(value, row);
      return first === undefined ? [] : [{ field, code: 'duplicate', detail: `Row ${first} has ${value} already.` }];
    });
    if (row > skipRows) yield errors.length > 0 ? { row, errors } : one;
  }
}

async function* chunksOf(rows: AsyncIterable<ImportRow>): AsyncGenerator<readonly ImportRow[]> {
  let chunk: ImportRow[] = [];
  for await (const row of rows) {
    chunk.push(row);
    if (chunk.length < rowsPerChunk) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
