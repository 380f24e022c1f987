/** The connections' passwords: sealed on the topic, opened only for the connector. */
import { CredentialHasher, open, seal, type SecretKey } from '@millrace/auth';
import { connectionPasswordPurpose, type SecretKeeper } from '@millrace/config';
import type { ConnectionConfig } from '@millrace/contracts';

export class PasswordKeeper implements SecretKeeper {
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
    if (published !== null && this.#opens(published, purpose, secret)) return published;
    return seal(this.#sealingKey, Buffer.from(secret), purpose);
  }

  /** Null: the connection is anonymous. Throws `configuration_invalid` when it was sealed under another key. */
  passwordOf(connection: ConnectionConfig): string | null {
    const { passwordSealed } = connection;
    if (passwordSealed === null) return null;
    return open(this.#sealingKey, passwordSealed, connectionPasswordPurpose(connection)).toString();
  }

  #opens(sealed: Buffer, purpose: string, secret: string): boolean {
    try {
      return open(this.#sealingKey, sealed, purpose).toString() === secret;
    } catch {
      return false;
    }
  }
}
