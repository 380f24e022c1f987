/** Commands about one kind of thing that the api has: `devices list`, `devices get`; one file per noun in `commands/`. */
import { ApiClient } from '../configure/api-client.ts';
import { UserError } from '../stack/user-error.ts';
import { apiDoor, inTenant } from './api-door.ts';
import { type Options, parseArguments, type ParsedArguments, type Positional } from './arguments.ts';
import { type Command, dataDirOption } from './command.ts';
import { usage, verbsOverview } from './help.ts';
import { type Terminal } from './terminal.ts';

const local = { json: { kind: 'flag', summary: 'for programs: one JSON per line' } } as const;
const common = { ...local, 'data-dir': dataDirOption } as const;
const ofTenant = {
  ...common,
  tenant: { kind: 'text', placeholder: 'ID', summary: 'for a key of the platform: the tenant that is meant' },
} as const;

const optionsBeside = { none: local, all: common, one: ofTenant } as const;

export interface LocalContext {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

export interface VerbContext extends LocalContext {
  /** Of the tenant that is meant, unless the verb is about all of them. */
  readonly api: ApiClient;
}

export interface Verb<O extends Options = Options> {
  readonly summary: string;
  readonly positionals: readonly Positional[];
  /** Beside `--json`, `--data-dir` and, in one tenant, `--tenant`. */
  readonly options: O;
  readonly tenants: 'one' | 'all';
  /** Returns the exit code. */
  run(input: ParsedArguments<O & typeof common>, context: VerbContext): Promise<number>;
}

/** What it does needs no api: beside its own options it has `--json` alone. */
export interface LocalVerb<O extends Options = Options> extends Pick<Verb<O>, 'summary' | 'positionals' | 'options'> {
  readonly tenants: 'none';
  run(input: ParsedArguments<O & typeof local>, context: LocalContext): Promise<number>;
}

/** Keeps the types of the options for `run`, and forgets them for the list. */
export function defineLocalVerb<const O extends Options>(verb: LocalVerb<O>): LocalVerb {
  return verb as unknown as LocalVerb;
}

/** Keeps the types of the options for `run`, and forgets them for the list. */
export function defineVerb<const O extends Options>(verb: Verb<O>): Verb {
  return verb as unknown as Verb;
}

export function defineNoun(name: string, summary: string, verbs: Readonly<Record<string, Verb | LocalVerb>>): Command {
  return {
    name,
    summary: `${summary}: ${Object.keys(verbs).join(', ')}`,
    positionals: [{ name: 'verb', required: true }],
    options: {},
    passesOn: true,
    async run({ positionals: [word = '', ...rest] }, terminal, signal) {
      const verb = Object.hasOwn(verbs, word) ? verbs[word] : undefined;
      if (!verb) {
        if (word !== '' && !isHelp(word))
          throw new UserError(`There is no ${name} ${word}; there are ${Object.keys(verbs).join(', ')}.`, {
            exitCode: 2,
          });
        terminal.line(verbsOverview(name, summary, verbs, terminal));
        return word === '' ? 2 : 0;
      }
      const options = { ...verb.options, ...optionsBeside[verb.tenants] };
      if (rest.some(isHelp)) {
        terminal.line(usage({ ...verb, name: `${name} ${word}`, options }, terminal));
        return 0;
      }
      const input = parseArguments(rest, options, verb.positionals) as ParsedArguments<typeof ofTenant>;
      if (verb.tenants === 'none') return verb.run(input as never, { terminal, signal });
      const api = new ApiClient(apiDoor(input.options['data-dir']));
      return verb.run(input as never, {
        api: verb.tenants === 'one' ? await inTenant(api, input.options.tenant, signal) : api,
        terminal,
        signal,
      });
    },
  };
}

function isHelp(text: string): boolean {
  return text === '--help' || text === '-h';
}
