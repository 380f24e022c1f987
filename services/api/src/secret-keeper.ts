/** Makes of the folder's secrets what may stand on a topic, under the keys derived from MILLRACE_SECRET_KEY. */
import { CredentialHasher, open, seal, type SecretKey } from '@millrace/auth';
import type { SecretKeeper } from '@millrace/config';

export class KeyedSecretKeeper implements SecretKeeper {
  readonly #hasher: CredentialHasher;
  readonly #sealingKey: Buffer;

  constructor(key: SecretKey) {
    this.#hasher = new CredentialHasher(key);
    this.#sealingKey = key.derive('sealed-secrets');
  }

  hash(secret: string): string {
    return this.#hasher.hash(secret);
  }

  seal(secret: string, purpose: string, published: Buffer | null): Buffer {
    if (published && this.#opens(published, purpose) === secret) return published;
    return seal(this.#sealingKey, Buffer.from(secret), purpose);
  }

  /** Undefined: sealed under another key, so it has to be sealed again. */
  #opens(sealed: Buffer, purpose: string): string | undefined {
    try {
      return open(this.#sealingKey, sealed, purpose).toString();
    } catch {
      return undefined;
    }
  }
}
