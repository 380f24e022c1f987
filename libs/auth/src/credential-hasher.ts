/**
 * Hashes of generated credentials (device passwords, API keys). They are long and random, so a keyed SHA-256 is enough and
 * costs microseconds; people's passwords need argon2id and do not come here.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SecretKey } from './secret-key.ts';

export class CredentialHasher {
  readonly #key: Buffer;

  constructor(key: SecretKey) {
    this.#key = key.derive('credential-hashes');
  }

  /** HMAC-SHA256 of the credential's UTF-8 bytes, base64url, 43 characters. */
  hash(credential: string): string {
    return this.#digest(credential).toString('base64url');
  }

  /**
   * Whether the credential is one of those hashed; two are valid during a rotation. The time tells nothing of the hashes:
   * call it with an empty list for an unknown device, so that nobody can find out which devices exist.
   */
  matches(credential: string, hashes: readonly string[]): boolean {
    const digest = this.#digest(credential);
    let found = false;
    for (const hash of hashes) {
      const expected = Buffer.from(hash, 'base64url');
      if (expected.length === digest.length && timingSafeEqual(expected, digest)) found = true;
    }
    return found;
  }

  #digest(credential: string): Buffer {
    return createHmac('sha256', this.#key).update(credential, 'utf8').digest();
  }
}
