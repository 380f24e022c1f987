/**
 * Secrets that the api shows once. They go where they were asked to go: into a new file that only its owner reads, or to the output. Where
 * is said before the api makes one, so that none is made that nobody gets.
 */
import { openSync, closeSync, unlinkSync, writeFileSync } from 'node:fs';
import { UserError } from '../stack/user-error.ts';
import { type Terminal } from './terminal.ts';

export const outOption = {
  kind: 'text',
  placeholder: 'FILE',
  summary: 'new file for the secret, readable by you alone; - is the output',
} as const;

export interface SecretPlace {
  /** `what`: as in "The key". */
  keep(what: string, secret: string, terminal: Terminal): void;
  /** Nothing was made. */
  giveUp(): void;
}

/** Throws a UserError without a place, and for a file that is there. */
export function secretPlace(out: string | undefined): SecretPlace {
  if (out === undefined)
    throw new UserError('Say where the secret goes: --out FILE, or --out - for the output.', { exitCode: 2 });
  if (out === '-')
    return { keep: (_, secret, terminal) => terminal.line(secret.replace(/\n$/, '')), giveUp: () => undefined };
  const file = opened(out);
  return {
    keep(what, secret, terminal) {
      writeFileSync(file, secret.endsWith('\n') ? secret : `${secret}\n`);
      closeSync(file);
      terminal.note(`${what} is in ${out}.`);
    },
    giveUp() {
      closeSync(file);
      unlinkSync(out);
    },
  };
}

/** What `make` gives is kept at the place; when it fails, no empty file stays. */
export async function keptSecret<T>(
  out: string | undefined,
  make: () => Promise<T>,
  keep: (made: T, place: SecretPlace) => void,
): Promise<T> {
  const place = secretPlace(out);
  let made: T;
  try {
    made = await make();
  } catch (error) {
    place.giveUp();
    throw error;
  }
  keep(made, place);
  return made;
}

function opened(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'is there already' : 'cannot be written';
    throw new UserError(`${path} ${why}; name another file.`, { cause: error });
  }
}
