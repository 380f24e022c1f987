/** The members of the language family, by name. */
import { javascript } from './javascript.language.ts';
import type { ScriptLanguage } from './language.ts';
import { lua } from './lua.language.ts';
import { python } from './python.language.ts';

export const languages: ReadonlyMap<string, ScriptLanguage> = new Map(
  [javascript, lua, python].map((one) => [one.name, one]),
);
