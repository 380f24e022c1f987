/** Reads a command's arguments against what the command declares. */
import { UserError } from '../stack/user-error.ts';

export interface Option {
  /**
   * `flag`: present or not. `text`, `texts` (may be given several times) and `count` (a whole number from 0) take a value:
   * `--name value` or `--name=value`.
   */
  readonly kind: 'flag' | 'text' | 'texts' | 'count';
  /** Stands for the value in the help. */
  readonly placeholder?: string;
  readonly summary: string;
}

export type Options = Readonly<Record<string, Option>>;

export interface Positional {
  readonly name: string;
  readonly required: boolean;
  /** The last one may be given several times. */
  readonly repeated?: true;
}

type ValueOf<O extends Option> = O['kind'] extends 'flag'
  ? boolean
  : O['kind'] extends 'texts'
    ? readonly string[]
    : (O['kind'] extends 'count' ? number : string) | undefined;

export interface ParsedArguments<O extends Options> {
  readonly options: { readonly [Name in keyof O]: ValueOf<O[Name]> };
  readonly positionals: readonly string[];
}

/** Throws a UserError of one sentence, exit code 2, when they do not fit. */
export function parseArguments<const O extends Options>(
  texts: readonly string[],
  options: O,
  positionals: readonly Positional[],
): ParsedArguments<O> {
  const values: Record<string, unknown> = {};
  for (const [name, { kind }] of Object.entries(options)) values[name] = absent[kind];
  const plain: string[] = [];
  const waiting = [...texts];
  for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) {
    if (text === '--') plain.push(...waiting.splice(0));
    else if (text.startsWith('-') && text !== '-') readOption(text, waiting, options, values);
    else plain.push(text);
  }
  checkPositionals(plain, positionals);
  return { options: values as ParsedArguments<O>['options'], positionals: plain };
}

const absent = { flag: false, text: undefined, texts: [], count: undefined } as const;

function readOption(text: string, waiting: string[], options: Options, values: Record<string, unknown>): void {
  const [, name = '', , inline] = /^--([^=]+)(=(.*))?$/s.exec(text) ?? [];
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (!option) throw wrong(`There is no option ${text.split('=')[0]}`);
  if (option.kind === 'flag') {
    if (inline !== undefined) throw wrong(`--${name} takes no value`);
    values[name] = true;
    return;
  }
  const value = inline ?? waiting.shift();
  if (value === undefined || value === '') throw wrong(`--${name} needs a value`);
  if (option.kind === 'count' && !/^\d{1,9}$/.test(value)) throw wrong(`--${name} needs a whole number, not ${value}`);
  if (option.kind === 'texts') values[name] = [...(values[name] as readonly string[]), value];
  else values[name] = option.kind === 'count' ? Number(value) : value;
}

function checkPositionals(plain: readonly string[], positionals: readonly Positional[]): void {
  const missing = positionals.slice(plain.length).find(({ required }) => required);
  if (missing) throw wrong(`<${missing.name}> is missing`);
  if (positionals.at(-1)?.repeated) return;
  if (plain.length > positionals.length) throw wrong(`${plain[positionals.length]} is one argument too many`);
}

function wrong(sentence: string): UserError {
  return new UserError(sentence, { exitCode: 2 });
}
