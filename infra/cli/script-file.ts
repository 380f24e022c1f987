/** A script as a file: its language is its ending, its samples stand beside it in `<file>.samples.json`. */
import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { ZodType } from 'zod';
import { UserError } from '../stack/user-error.ts';

/** By the ending of the file. */
export const languages: Readonly<Record<string, string>> = { '.js': 'javascript', '.lua': 'lua', '.py': 'python' };

export interface ScriptFile {
  readonly file: string;
  readonly language: string;
  readonly source: string;
}

/** Throws a UserError for a file that is no script or cannot be read. */
export function scriptIn(file: string): ScriptFile {
  const language = languages[extname(file)];
  if (language) return { file, language, source: textOf(file) };
  throw new UserError(`A script is a file with the ending ${Object.keys(languages).join(', ')}.`, { exitCode: 2 });
}

/** The file of its samples; undefined: there is none. */
export function samplesBeside(file: string): string | undefined {
  const samples = `${file}.samples.json`;
  return existsSync(samples) ? samples : undefined;
}

/** Throws a UserError. */
export function textOf(file: string): string {
  return bytesOf(file).toString('utf8');
}

/** `-` is the input. Throws a UserError. */
export function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Throws a UserError. */
export function jsonOf(file: string): unknown {
  const text = textOf(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** Throws a UserError with the first thing that is wrong. */
export function checkedJson<T>(schema: ZodType<T>, file: string): T {
  return checked(schema, jsonOf(file), file);
}

/** Of what was read from the file. Throws a UserError with the first thing that is wrong. */
export function checked<T>(schema: ZodType<T>, value: unknown, file: string): T {
  const { data, error } = schema.safeParse(value);
  const [first] = error?.issues ?? [];
  if (first) throw new UserError(`${file}: ${[...first.path, first.message].join(': ')}`);
  return data as T;
}
