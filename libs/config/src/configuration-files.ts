/** What the configuration folder holds after its check: the entities as people write them, with secrets in plain text. */
import { type EntityFile, entityKinds, type EntityName, entityNames } from './entities.ts';

/** Scripts with the contents of their files. */
export type ConfigurationFiles = { readonly [E in EntityName]: readonly EntityFile<E>[] };

export const fileNames = Object.fromEntries(
  entityNames.map((name) => [name, `${entityKinds[name].path}.json`]),
) as unknown as { readonly [E in EntityName]: string };

/** Samples of a script are beside its text: `scripts/decode.js.samples.json`. */
export function samplesFileOf(scriptFile: string): string {
  return `${scriptFile}.samples.json`;
}
