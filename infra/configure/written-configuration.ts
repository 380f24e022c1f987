/** A configuration folder that is made by a program. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** By path in the folder: text, or what becomes JSON. Returns the folder; only its owner can read what is in it. */
export function writeConfiguration(folder: string, files: Readonly<Record<string, string | object>>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  }
  return folder;
}
