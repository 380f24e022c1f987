/** The contract of a command: one file per command in `commands/`. */
import { type Options, type ParsedArguments, type Positional } from './arguments.ts';
import { type Terminal } from './terminal.ts';

export interface Command<O extends Options = Options> {
  readonly name: string;
  /** One line in the list of commands. */
  readonly summary: string;
  readonly positionals: readonly Positional[];
  readonly options: O;
  /** True: the arguments are handed on as they are, for a program that reads them itself. */
  readonly passesOn?: boolean;
  /**
   * Returns the exit code. A UserError is printed as its sentence. The signal fires at Ctrl-C; the command then ends what
   * it started and returns.
   */
  run(input: ParsedArguments<O>, terminal: Terminal, signal: AbortSignal): Promise<number>;
}

/** Keeps the types of the options for `run`, and forgets them for the list. */
export function defineCommand<const O extends Options>(command: Command<O>): Command {
  return command as unknown as Command;
}

export const dataDirOption = {
  kind: 'text',
  placeholder: 'DIR',
  summary: 'folder of data and logs (.millrace)',
} as const;
