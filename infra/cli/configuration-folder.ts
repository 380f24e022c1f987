/** Writes an exported configuration as the folder that `config apply` takes: `tenants.json` to `statistics.json`, scripts as files. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../stack/atomic-file.ts';

export interface ExportedScript {
  readonly tenant: string;
  readonly scriptId: string;
  readonly language: string;
  readonly source: string;
  readonly samples: readonly object[];
}

/** By entity, as `GET /v1/config/export` gives them. */
export type ExportedConfiguration = Readonly<Record<string, readonly object[]>> & {
  readonly scripts: readonly ExportedScript[];
};

const endings: Readonly<Record<string, string>> = { javascript: '.js', lua: '.lua', python: '.py' };

/** What is in the folder already is replaced, but for connections; scripts keep the names of their files. Gives how many there are. */
export async function writeConfigurationFolder(folder: string, document: ExportedConfiguration): Promise<number> {
  // Imported when needed: the command line is loaded before the dependencies are installed.
  const { fileNames, samplesFileOf } = await import('@millrace/config');
  mkdirSync(join(folder, 'scripts'), { recursive: true });
  const scripts = withFiles(document.scripts, namesIn(join(folder, fileNames.scripts)));
  for (const { file, source, samples } of scripts) {
    writeAtomically(join(folder, file), source);
    writeSamples(join(folder, samplesFileOf(file)), samples);
  }
  const entities = {
    ...document,
    scripts: scripts.map((script) => ({ ...script, source: undefined, samples: undefined })),
  };
  let count = 0;
  for (const [entity, name] of Object.entries(fileNames)) {
    const list = (entities as Readonly<Record<string, readonly object[] | undefined>>)[entity];
    if (list === undefined || (list.length === 0 && !existsSync(join(folder, name)))) continue;
    writeAtomically(join(folder, name), `${JSON.stringify(list, null, 2)}\n`);
    count += list.length;
  }
  return count;
}

function writeSamples(path: string, samples: readonly object[]): void {
  if (samples.length > 0) writeAtomically(path, `${JSON.stringify(samples, null, 2)}\n`);
  else rmSync(path, { force: true });
}

const keyOf = ({ tenant, scriptId }: Pick<ExportedScript, 'tenant' | 'scriptId'>): string => `${tenant}/${scriptId}`;

/** Two scripts have one file only where they have the same text and samples. */
export function withFiles(
  scripts: readonly ExportedScript[],
  names: ReadonlyMap<string, string>,
): readonly (ExportedScript & { readonly file: string })[] {
  const contents = new Map<string, string>();
  return scripts.map((script) => {
    const ending = endings[script.language] ?? '';
    const wishes = [
      names.get(keyOf(script)) ?? `scripts/${script.scriptId}${ending}`,
      `scripts/${script.tenant}-${script.scriptId}${ending}`,
    ];
    const content = JSON.stringify([script.source, script.samples]);
    const file = wishes.find((name) => (contents.get(name) ?? content) === content) ?? wishes[1]!;
    contents.set(file, content);
    return { ...script, file };
  });
}

function namesIn(scriptsFile: string): ReadonlyMap<string, string> {
  if (!existsSync(scriptsFile)) return new Map();
  const scripts = JSON.parse(readFileSync(scriptsFile, 'utf8')) as (ExportedScript & { readonly file: string })[];
  return new Map(scripts.map((script) => [keyOf(script), script.file]));
}
