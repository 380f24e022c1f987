/** Keys of programs: `<keyId>.<secret>`; the id is public and finds the entry, the whole key is hashed. */
import { randomBytes } from 'node:crypto';

/** 72 bits: ids do not collide. */
const idBytes = 9;
/** 256 bits: beyond guessing, which is why a fast hash is enough. */
const secretBytes = 32;
const keyPattern = /^([A-Za-z0-9_-]{1,64})\.[A-Za-z0-9_-]{16,128}$/;

/** A new key, 56 characters of base64url and one dot. */
export function generateKey(): string {
  return `${randomBytes(idBytes).toString('base64url')}.${randomBytes(secretBytes).toString('base64url')}`;
}

/** The public id in a key; undefined: not a key of ours. */
export function keyIdOf(key: string): string | undefined {
  return keyPattern.exec(key)?.[1];
}
