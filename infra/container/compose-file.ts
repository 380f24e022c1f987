/** infra/compose.yaml as data, with the parts that its tests look at. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../stack/service-launch.ts';

export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, null>>;
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
}

export const composeFolder = join(root, 'infra');

export const composeText = readFileSync(join(composeFolder, 'compose.yaml'), 'utf8');

/** Anchors merged, variables as they are written. */
export const composeFile = parse(composeText, { merge: true }) as ComposeFile;

/** `${NAME}`, `${NAME:-default}` and `${NAME:?sentence}` filled in as compose does; throws for one without a value. */
export function interpolated(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}/g,
    (found, name?: string, kind?: string, rest?: string) => {
      if (name === undefined) return '$';
      const value = values[name] ?? (kind === '-' ? rest : undefined);
      if (value === undefined) throw new Error(`${found} has no value.`);
      return value;
    },
  );
}

/** Names of all variables of a text. */
export function variablesIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name ?? ''))];
}
