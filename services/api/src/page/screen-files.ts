/** The files of the page, read once: there are few, and nothing else can be asked for. */
import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

export interface ScreenFile {
  readonly contentType: string;
  readonly body: Buffer;
  readonly etag: string;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const service = join(import.meta.dirname, '../..');
/** Written by hand, and compiled from `src/screen`. */
const folders = [join(service, 'screen'), join(service, 'dist', 'screen')];

/** By path below `/screen/`. */
export function readScreenFiles(): ReadonlyMap<string, ScreenFile> {
  const files = new Map<string, ScreenFile>();
  for (const folder of folders)
    for (const path of existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []) {
      const contentType = contentTypes[extname(path)];
      if (contentType === undefined) continue;
      const body = readFileSync(join(folder, path));
      files.set(path, { contentType, body, etag: `"${hash('sha256', body).slice(0, 16)}"` });
    }
  return files;
}
