/** Secrets of a stack: 32 random bytes in a file that only its owner reads, made once per data folder. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.ts';

const keyBytes = 32;

/** Its MILLRACE_SECRET_KEY. */
export const secretKeyIn = (dataDir: string): string => secretIn(join(dataDir, 'secret.key'));

/** As base64url. */
export function secretIn(file: string): string {
  if (!existsSync(file)) writeAtomically(file, `${randomBytes(keyBytes).toString('base64url')}\n`);
  return readFileSync(file, 'utf8').trim();
}
