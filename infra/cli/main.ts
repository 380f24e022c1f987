/** The command line: picks the command, runs it, turns its end into an exit code. Runs before anything is installed. */
import { parseArguments } from './arguments.ts';
import { commands } from './commands/index.ts';
import { overview, usage } from './help.ts';
import { stopSignal } from './stop-signal.ts';
import { Terminal } from './terminal.ts';
import { UserError } from '../stack/user-error.ts';

const terminal = new Terminal();
process.exitCode = await main(process.argv.slice(2), stopSignal()).catch(failed);
// What a command leaves open (a pool of connections, a stack that is killed at exit) must not hold the shell.
process.exit();

async function main([name, ...rest]: readonly string[], signal: AbortSignal): Promise<number> {
  if (name === undefined || isHelp(name) || name === 'help') {
    terminal.line(overview(commands, terminal));
    return 0;
  }
  const command = commands.find((one) => one.name === name);
  if (!command) throw new UserError(`There is no command ${name}; ./millrace --help lists them.`, { exitCode: 2 });
  if (!command.passesOn && rest.some(isHelp)) {
    terminal.line(usage(command, terminal));
    return 0;
  }
  const input = command.passesOn
    ? { options: {}, positionals: rest }
    : parseArguments(rest, command.options, command.positionals);
  return command.run(input, terminal, signal);
}

function isHelp(text: string): boolean {
  return text === '--help' || text === '-h';
}

function failed(error: unknown): number {
  terminal.explain(error);
  return error instanceof UserError ? error.exitCode : 1;
}
