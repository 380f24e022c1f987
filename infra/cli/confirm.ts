/** Asks the person before something is done that cannot be taken back. */
import { createInterface } from 'node:readline/promises';

/** True without asking where nobody sits: in scripts and pipes. */
export async function confirmed(question: string, signal: AbortSignal): Promise<boolean> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return true;
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await reader.question(`${question} [y/N] `, { signal })).trim());
  } finally {
    reader.close();
  }
}
