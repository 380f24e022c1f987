/**
 * The book of those who change the configuration: every change they asked for and what they were told of it. What its topic
 * holds is compared with it. A change is known by the text that it gave to the entity, which no other change of it has.
 */

export interface Change {
  /** Of the entity's records in the topic. */
  readonly key: string;
  readonly text: string;
}

/** One record of the topic; null: it says that the entity is gone. */
export interface PublishedChange {
  readonly key: string;
  readonly text: string | null;
}

/** What they were told; `unanswered`: nothing, so it may have been made or not. */
export type Answer = 'accepted' | 'refused' | 'unanswered';

export interface ChangeReconciliation {
  /** Accepted, but not published. */
  readonly lost: readonly Change[];
  /** Refused, and published all the same. */
  readonly refusedButPublished: readonly Change[];
  /** Published more than once; once for each further record. */
  readonly repeated: readonly Change[];
  /** Published after one that was asked for later. */
  readonly outOfOrder: readonly Change[];
  /** Published, but nobody asked for it. */
  readonly invented: readonly PublishedChange[];
}

interface Entry {
  readonly change: Change;
  /** How many changes of the same key were asked for before. */
  readonly place: number;
  answer: Answer;
}

export class ChangeLedger {
  readonly #entries = new Map<string, Entry>();
  readonly #asked = new Map<string, number>();

  /** The one before of the same key has its answer, or none is waited for any more. */
  ask(change: Change): void {
    const identity = identityOf(change);
    if (this.#entries.has(identity)) throw new Error(`${identity} was asked for before; texts must differ.`);
    const place = this.#asked.get(change.key) ?? 0;
    this.#asked.set(change.key, place + 1);
    this.#entries.set(identity, { change, place, answer: 'unanswered' });
  }

  answer(change: Change, answer: Answer): void {
    const entry = this.#entries.get(identityOf(change));
    if (entry) entry.answer = answer;
  }

  count(answer: Answer): number {
    return [...this.#entries.values()].filter((entry) => entry.answer === answer).length;
  }

  /** `records`: all that were ever written about these entities, those of a key in their order. */
  reconcile(records: readonly PublishedChange[]): ChangeReconciliation {
    const published = new Set<Entry>();
    const latest = new Map<string, number>();
    const repeated: Change[] = [];
    const outOfOrder: Change[] = [];
    const invented: PublishedChange[] = [];
    for (const record of records) {
      const entry = this.#entries.get(identityOf(record));
      if (!entry) invented.push(record);
      else if (published.has(entry)) repeated.push(entry.change);
      else {
        const before = latest.get(record.key) ?? -1;
        if (entry.place < before) outOfOrder.push(entry.change);
        latest.set(record.key, Math.max(entry.place, before));
        published.add(entry);
      }
    }
    const those = (answer: Answer, isPublished: boolean): Change[] =>
      [...this.#entries.values()]
        .filter((entry) => entry.answer === answer && published.has(entry) === isPublished)
        .map(({ change }) => change);
    const lost = those('accepted', false);
    return { lost, refusedButPublished: those('refused', true), repeated, outOfOrder, invented };
  }
}

const identityOf = ({ key, text }: PublishedChange): string => JSON.stringify([key, text]);
