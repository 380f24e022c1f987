/** Keys of programs: `<keyId>.<secret>`; the id is public and finds the entry, the whole key is hashed. */
import { randomBytes } from 'node:crypto';
import type { CredentialHasher } from './credential-hasher.ts';

/** 72 bits: ids do not collide. */
const idBytes = 9;
/** 256 bits: beyond guessing, which is why a fast hash is enough. */
const secretBytes = 32;
const keyPattern = /^([A-Za-z0-9_-]{1,64})\.[A-Za-z0-9_-]{16,128}$/;

/** As it is published: of a key of a program or of a device. */
export interface StoredKey {
  readonly hash: string;
  readonly expiresAtMicros: number | null;
  /** The secret before the last rotation, and until when it is valid beside the present one. */
  readonly previousHash?: string | null;
  readonly previousUntilMicros?: number | null;
}

/** A new key: 43 characters of secret behind its id, which is new as well unless it is given. */
export function generateKey(keyId: string = randomBytes(idBytes).toString('base64url')): string {
  return `${keyId}.${generateSecret()}`;
}

/** 43 characters of base64url that nobody guesses. */
export function generateSecret(): string {
  return randomBytes(secretBytes).toString('base64url');
}

/** The public id in a key; undefined: not a key of ours. */
export function keyIdOf(key: string): string | undefined {
  return keyPattern.exec(key)?.[1];
}

/**
 * When a key that was shown ends, in milliseconds since 1970, Infinity for never; undefined: it is wrong, or has ended. Takes as long when
 * there is no such key.
 */
export function endOfKeyMs(
  shown: string,
  stored: StoredKey | undefined,
  hasher: CredentialHasher,
  nowMs: number,
): number | undefined {
  const isPresent = hasher.matches(shown, stored ? [stored.hash] : []);
  const isPrevious = hasher.matches(shown, stored?.previousHash ? [stored.previousHash] : []);
  if (!stored || !(isPresent || isPrevious)) return undefined;
  const endMs = Math.min(msOf(stored.expiresAtMicros), isPresent ? Infinity : msOf(stored.previousUntilMicros));
  return nowMs < endMs ? endMs : undefined;
}

function msOf(micros: number | null | undefined): number {
  return micros == null ? Infinity : micros / 1000;
}
