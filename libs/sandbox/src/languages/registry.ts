/** The members of the language family, by name. */
import { javascript } from './javascript.language.ts';
import type { ScriptLanguage } from './language.ts';

export const languages: ReadonlyMap<string, ScriptLanguage> = new Map([javascript].map((one) => [one.name, one]));
