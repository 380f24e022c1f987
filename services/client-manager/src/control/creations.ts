/** Which connection was created by a request with an Idempotency-Key, over all instances, for a day. */
import { MillraceError } from '@millrace/contracts';

const secondsMax = 86_400;

export interface IdempotentCreation {
  readonly tenant: string;
  /** The header's value. */
  readonly key: string;
  /** Keyed, of the body: it may hold a secret. */
  readonly hash: string;
}

/** What is used of Redis. */
export interface CreationStore {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, ex: 'EX', seconds: number): Promise<unknown>;
}

/**
 * A creation is idempotent by its id and content alone; this adds that a repetition is recognised when the connection was changed
 * meanwhile, and that a key is not used for something else. So a store that forgets does no harm.
 */
export class Creations {
  readonly #store: CreationStore;

  constructor(store: CreationStore) {
    this.#store = store;
  }

  /** The id; undefined: no creation with this key is known. Throws `idempotency_key_reused`, `cache_unavailable`. */
  async find(creation: IdempotentCreation): Promise<string | undefined> {
    const text = await available(this.#store.get(nameOf(creation)));
    if (text === null) return undefined;
    const { hash, connectionId } = JSON.parse(text) as { readonly hash: string; readonly connectionId: string };
    if (hash !== creation.hash)
      throw new MillraceError(
        'idempotency_key_reused',
        'This Idempotency-Key was used for another request; take a new one.',
      );
    return connectionId;
  }

  async remember(creation: IdempotentCreation, connectionId: string): Promise<void> {
    const text = JSON.stringify({ hash: creation.hash, connectionId });
    await available(this.#store.set(nameOf(creation), text, 'EX', secondsMax));
  }
}

const nameOf = ({ tenant, key }: IdempotentCreation): string => `millrace:{connection-creations}:${tenant}/${key}`;

async function available<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw new MillraceError('cache_unavailable', 'Redis does not answer; try again.', { cause: error });
  }
}
