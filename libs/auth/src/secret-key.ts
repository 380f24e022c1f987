/** The one secret of an installation (`MILLRACE_SECRET_KEY`); every use of it gets a key of its own. */
import { hkdfSync } from 'node:crypto';
import { MillraceError } from '@millrace/contracts';

const keyBytes = 32;

/** What keys are derived for. The names never change: a changed one makes everything sealed or hashed with it unreadable. */
export type KeyPurpose = 'credential-hashes' | 'sealed-secrets' | 'signed-principals' | 'device-tokens';

export class SecretKey {
  readonly #bytes: Buffer;

  /** 32 bytes. */
  constructor(bytes: Buffer) {
    if (bytes.length !== keyBytes) throw malformed();
    this.#bytes = Buffer.from(bytes);
  }

  /** From 64 hex digits or 43 base64url characters; throws `configuration_invalid` saying how to make one. */
  static fromEnvironment(text: string): SecretKey {
    if (/^[0-9a-fA-F]{64}$/.test(text)) return new SecretKey(Buffer.from(text, 'hex'));
    if (/^[A-Za-z0-9_-]{43}$/.test(text)) return new SecretKey(Buffer.from(text, 'base64url'));
    throw malformed();
  }

  /** The 32-byte key of a purpose (HKDF-SHA256, RFC 5869): knowing one tells nothing about the others. */
  derive(purpose: KeyPurpose): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#bytes, '', `millrace/${purpose}`, keyBytes));
  }
}

function malformed(): MillraceError {
  const advice = 'Give 32 random bytes as 64 hex digits, for instance from `openssl rand -hex 32`.';
  return new MillraceError('configuration_invalid', `MILLRACE_SECRET_KEY is not a key. ${advice}`);
}
