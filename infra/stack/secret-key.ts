/** The stack's MILLRACE_SECRET_KEY: 32 random bytes, made once per data folder. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.ts';

const keyBytes = 32;

/** As base64url. */
export function secretKeyIn(dataDir: string): string {
  const file = join(dataDir, 'secret.key');
  if (!existsSync(file)) writeAtomically(file, `${randomBytes(keyBytes).toString('base64url')}\n`);
  return readFileSync(file, 'utf8').trim();
}
