/**
 * Secrets at rest: AES-256-GCM in an envelope that names its version.
 *
 *     sealed = version (1 byte, 1) · nonce (12) · tag (16) · cipher text (as long as the plain text)
 *     additional authenticated data = version · purpose (UTF-8)
 *
 * Nonces are random: with one key, seal fewer than 2^32 values (NIST SP 800-38D, 8.3).
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { MillraceError } from '@millrace/contracts';

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const headerBytes = 1 + nonceBytes + tagBytes;
const cipher = 'aes-256-gcm';
const lengths = { authTagLength: tagBytes };

/** `key`: 32 bytes. `purpose` says what the value is (entity, id, field): sealed elsewhere, it does not open here. */
export function seal(key: Buffer, plain: Uint8Array, purpose: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, key, nonce, lengths).setAAD(authenticated(purpose));
  const text = [sealing.update(plain), sealing.final()];
  return Buffer.concat([Buffer.of(version), nonce, sealing.getAuthTag(), ...text]);
}

/** The plain bytes; throws `configuration_invalid` when key, purpose or a single bit differ. */
export function open(key: Buffer, sealed: Uint8Array, purpose: string): Buffer {
  if (sealed.length < headerBytes || sealed[0] !== version) throw unopened(purpose);
  const nonce = sealed.subarray(1, 1 + nonceBytes);
  const opening = createDecipheriv(cipher, key, nonce, lengths).setAAD(authenticated(purpose));
  opening.setAuthTag(sealed.subarray(1 + nonceBytes, headerBytes));
  try {
    return Buffer.concat([opening.update(sealed.subarray(headerBytes)), opening.final()]);
  } catch (error) {
    throw unopened(purpose, error);
  }
}

function authenticated(purpose: string): Buffer {
  return Buffer.concat([Buffer.of(version), Buffer.from(purpose)]);
}

function unopened(purpose: string, cause?: unknown): MillraceError {
  const reason = 'It was changed, or sealed under another MILLRACE_SECRET_KEY or purpose.';
  return new MillraceError('configuration_invalid', `The secret for ${purpose} does not open. ${reason}`, { cause });
}
