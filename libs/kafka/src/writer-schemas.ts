/** The schemas that records were written with, by the id they name: each is asked for once and kept. */
import { asMillraceError, MillraceError } from '@millrace/contracts';
import { type Clock, systemClock } from '@millrace/kernel';
import type { Type } from 'avsc';

/** How long a failure is believed: an unknown id may be registered in the meantime, and the registry may come back. */
const unknownMsMax = 10_000;
const unavailableMsMax = 500;

/** Ids in foreign records are anybody's; more than this many are in no honest use, and the oldest are forgotten. */
const schemasMax = 1_000;

export class WriterSchemas {
  readonly #load: (id: number) => Promise<Type>;
  readonly #clock: Clock;
  readonly #entries = new Map<number, Entry>();

  /** `load` throws `unknown_schema` or `registry_unavailable`. */
  constructor(load: (id: number) => Promise<Type>, clock: Clock = systemClock) {
    this.#load = load;
    this.#clock = clock;
  }

  /** The schema if it is loaded, else throws why not; an id nobody has asked for is asked for now. */
  writerOf(id: number): Type {
    const { type, failure } = this.#entry(id);
    if (type) return type;
    throw failure ?? new MillraceError('registry_unavailable', `Schema ${id} is being loaded.`);
  }

  /** Resolves when it is decided whether the ids have schemas; undefined: it already is. Throws `registry_unavailable`. */
  decide(ids: readonly number[]): Promise<void> | undefined {
    const undecided = ids.map((id) => this.#entry(id)).filter((entry) => !entry.decided);
    return undecided.length === 0 ? undefined : allDecided(undecided);
  }

  #entry(id: number): Entry {
    const known = this.#entries.get(id);
    if (known && this.#clock.monotonicMs() < known.believedUntilMs) return known;
    const oldest = this.#entries.keys().next();
    if (!known && this.#entries.size >= schemasMax && !oldest.done) this.#entries.delete(oldest.value);
    const entry = new Entry(this.#load(id), this.#clock);
    this.#entries.set(id, entry);
    return entry;
  }
}

/** One id: being loaded, loaded, or failed. */
class Entry {
  readonly loading: Promise<void>;
  type: Type | undefined;
  failure: MillraceError | undefined;
  believedUntilMs = Infinity;

  constructor(loading: Promise<Type>, clock: Clock) {
    this.loading = loading.then(
      (type) => {
        this.type = type;
      },
      (error: unknown) => {
        this.failure = asMillraceError(error);
        this.believedUntilMs =
          clock.monotonicMs() + (this.failure.code === 'unknown_schema' ? unknownMsMax : unavailableMsMax);
      },
    );
  }

  /** There is a schema, or there is none. */
  get decided(): boolean {
    return this.type !== undefined || this.failure?.code === 'unknown_schema';
  }
}

async function allDecided(entries: readonly Entry[]): Promise<void> {
  await Promise.all(entries.map(({ loading }) => loading));
  for (const { decided, failure } of entries) if (!decided && failure) throw failure;
}
