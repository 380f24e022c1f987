/**
 * Reads a folder of configuration: `tenants.json`, and a file for each other kind of entity (`fileNames`), each an array; scripts
 * have their texts and samples in `scripts/`. All but the first may be missing: a wrong path must not look like a configuration without
 * anything in it.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type FieldError, MillraceError } from '@millrace/contracts';
import { z } from 'zod';
import { type ConfigurationFiles, fileNames, samplesFileOf } from './configuration-files.ts';
import { type EntityFile, entityKinds, type EntityName, entityNames } from './entities.ts';
import { referenceErrors } from './references.ts';
import { scriptSamples } from './script-samples.ts';

/** About 200,000 devices; more of them belong into the api's database. */
const fileBytesMax = 64 * 1024 * 1024;
/** As the schema of config.scripts.v1 says: a script is code, not a table. */
const scriptBytesMax = 256 * 1024;
/** Enough to see the pattern of a mistake. */
const errorsShownMax = 50;

/** The whole folder, checked; throws `configuration_invalid` with every wrong field as `<file>[<index>].<field>`. */
export async function readConfigurationFolder(folder: string): Promise<ConfigurationFiles> {
  await refuseUnknownFiles(folder);
  const errors: FieldError[] = [];
  const read = await Promise.all(entityNames.map((entity) => readEntities(folder, entity, errors)));
  const entities = Object.fromEntries(entityNames.map((entity, index) => [entity, read[index]]));
  refuse(folder, errors);

  const withoutContents = entities as unknown as ConfigurationFiles;
  const scripts = await Promise.all(
    withoutContents.scripts.map((script, index) => withContent(folder, script, index, errors)),
  );
  const files: ConfigurationFiles = { ...withoutContents, scripts };
  refuse(folder, [...errors, ...referenceErrors(files)]);
  return files;
}

async function refuseUnknownFiles(folder: string): Promise<void> {
  const known = new Set(Object.values(fileNames));
  const names = await readdir(folder).catch((error: unknown) => {
    throw new MillraceError('configuration_invalid', `The configuration folder ${folder} cannot be read.`, {
      cause: error,
    });
  });
  if (!names.includes(fileNames.tenants))
    throw new MillraceError('configuration_invalid', `The folder ${folder} has no ${fileNames.tenants}.`);
  refuse(
    folder,
    names
      .filter((name) => name.endsWith('.json') && !known.has(name))
      .map((name) => ({ field: name, code: 'unknown_file', detail: `Known are ${[...known].join(', ')}.` })),
  );
}

function readEntities(folder: string, entity: EntityName, errors: FieldError[]): Promise<readonly unknown[]> {
  return readArray(folder, fileNames[entity], z.array(entityKinds[entity].file), errors);
}

/** Empty without the file, and after what is wrong in it was added to the errors. */
async function readArray<T>(folder: string, name: string, schema: z.ZodType<T[]>, errors: FieldError[]): Promise<T[]> {
  const text = await readText(join(folder, name), fileBytesMax, (code, detail) => {
    if (code !== 'missing') errors.push({ field: name, code, detail });
  });
  if (text === undefined) return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    errors.push({ field: name, code: 'malformed_json', detail: (error as Error).message });
    return [];
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues)
    errors.push({ field: name + fieldPath(issue.path), code: issue.code, detail: issue.message });
  return [];
}

async function withContent(
  folder: string,
  script: EntityFile<'scripts'>,
  index: number,
  errors: FieldError[],
): Promise<EntityFile<'scripts'>> {
  const field = `${fileNames.scripts}[${index}].file`;
  const source = await readText(join(folder, script.file!), scriptBytesMax, (code, detail) =>
    errors.push({ field, code, detail }),
  );
  const samples = await readArray(folder, samplesFileOf(script.file!), scriptSamples, errors);
  return { ...script, source: source ?? '', samples };
}

type Refusal = (code: 'missing' | 'too_large' | 'unreadable', detail: string) => void;

/** The text of a file, or undefined after `refused` was told why. */
async function readText(path: string, bytesMax: number, refused: Refusal): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size <= bytesMax) return await readFile(path, 'utf8');
    refused('too_large', `The file has ${size} bytes, at most ${bytesMax} are allowed.`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') refused('missing', 'There is no such file.');
    else refused('unreadable', message);
  }
  return undefined;
}

/** `[3].grades[0].low`, as in JavaScript. */
function fieldPath(path: readonly PropertyKey[]): string {
  return path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
}

function refuse(folder: string, errors: readonly FieldError[]): void {
  const [first] = errors;
  if (!first) return;
  const rest = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  throw new MillraceError('configuration_invalid', `${folder}: ${first.field}: ${first.detail}${rest}`, {
    errors: errors.slice(0, errorsShownMax),
  });
}
