/** The variables of a process from where it was started: flags go before the environment, and that before a file. */
import { readFileSync } from 'node:fs';
import { parseArgs, parseEnv } from 'node:util';
import { MillraceError } from '@millrace/contracts';

/** Flag that names a file of `NAME=value` lines. */
const fileFlag = 'settings';

/**
 * `--connections-max 500` is `MILLRACE_CONNECTIONS_MAX=500`, and so with every variable; `--settings FILE` has more of them.
 * Throws `configuration_invalid` for words that are no flags and for a file that cannot be read. Names are checked with the
 * environment.
 */
export function launchVariables(words: readonly string[], environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { [fileFlag]: file, ...flags } = flagsIn(words);
  const named = Object.entries(flags).map(([flag, value]) => [variableOf(flag), value]);
  return { ...(file === undefined ? {} : readSettings(file)), ...environment, ...Object.fromEntries(named) };
}

const variableOf = (flag: string): string => `MILLRACE_${flag.toUpperCase().replaceAll('-', '_')}`;

function flagsIn(words: readonly string[]): Readonly<Record<string, string>> {
  const names = words.flatMap((word) => /^--([a-z][a-z0-9-]*)/.exec(word)?.[1] ?? []);
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({ args: [...words], options, strict: true, allowPositionals: false });
    return values as Readonly<Record<string, string>>;
  } catch (error) {
    const detail = `Write flags as --connections-max 500. ${(error as Error).message}`;
    throw new MillraceError('configuration_invalid', detail, { cause: error });
  }
}

function readSettings(file: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new MillraceError('configuration_invalid', `The file ${file} of --${fileFlag} cannot be read.`, {
      cause: error,
    });
  }
}
