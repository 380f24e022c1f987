/** Makes of secrets what may be stored and published, under the keys derived from MILLRACE_SECRET_KEY, and opens it again. */
import { CredentialHasher } from './credential-hasher.ts';
import { open, seal } from './sealed.ts';
import type { SecretKey } from './secret-key.ts';

export class KeyedSecrets {
  readonly #hasher: CredentialHasher;
  readonly #sealingKey: Buffer;

  constructor(key: SecretKey) {
    this.#hasher = new CredentialHasher(key);
    this.#sealingKey = key.derive('sealed-secrets');
  }

  /** See `CredentialHasher`. */
  hash(secret: string): string {
    return this.#hasher.hash(secret);
  }

  /** Opens for this purpose only. `published` again where it holds this secret already: sealing anew would look like a change. */
  seal(secret: string, purpose: string, published: Buffer | null): Buffer {
    if (published && this.#holds(published, purpose, secret)) return published;
    return seal(this.#sealingKey, Buffer.from(secret), purpose);
  }

  /** Throws `configuration_invalid` for what was sealed under another key or for another purpose. */
  open(sealed: Buffer, purpose: string): string {
    return open(this.#sealingKey, sealed, purpose).toString();
  }

  /** False also for what was sealed under another key, so that it is sealed again. */
  #holds(sealed: Buffer, purpose: string, secret: string): boolean {
    try {
      return this.open(sealed, purpose) === secret;
    } catch {
      return false;
    }
  }
}
