/** `scripts encode FILE COMMAND …`: tries on this machine what bytes a script makes of commands. */
import type { EncodedDownlink, ScriptFailure } from '@millrace/sandbox';
import { UserError } from '../stack/user-error.ts';
import { defineLocalVerb } from './noun.ts';
import { scriptIn } from './script-file.ts';
import { failureLines, inSandbox, saidLines } from './script-run.ts';
import { plainText } from './table.ts';
import { type Terminal } from './terminal.ts';
import { installPackages } from './workspace.ts';

export const encodeVerb = defineLocalVerb({
  summary: 'Tries on this machine what bytes encodeDownlink makes of a command, which is JSON',
  positionals: [
    { name: 'file', required: true },
    { name: 'command', required: true, repeated: true },
  ],
  tenants: 'none',
  options: { port: { kind: 'count', placeholder: 'N', summary: 'fPort that is asked for' } },
  async run({ options: { port, json }, positionals: [file = '', ...commands] }, { terminal, signal }) {
    await installPackages(terminal, signal);
    const script = { name: `local/${file}@1`, tenant: 'local', ...scriptIn(file) };
    const variables = { desired: {}, reported: {} };
    const downlinks = commands.map((command) => ({ data: commandIn(command), fPort: port, variables }));
    const outcomes = await inSandbox(async (sandbox) => {
      const { encodeDownlinks } = await import('@millrace/sandbox');
      return encodeDownlinks(sandbox, script, downlinks, { signal, logs: true });
    });
    const trials = outcomes.map((outcome, index) => trialOf(commands[index]!, outcome));
    if (json) terminal.line(JSON.stringify({ results: trials }));
    else for (const trial of trials) showTrial(trial, script.source, terminal);
    return trials.some(({ failure }) => failure !== null) ? 1 : 0;
  },
});

function commandIn(word: string): object {
  try {
    const command: unknown = JSON.parse(word);
    if (typeof command === 'object' && command !== null && !Array.isArray(command)) return command;
  } catch {
    // Said below.
  }
  throw new UserError(`A command is a JSON object such as '{"mode": "off"}', not ${word}.`, { exitCode: 2 });
}

interface Trial {
  readonly command: string;
  /** Hexadecimal; null: there are none. */
  readonly bytes: string | null;
  readonly fPort: number | null;
  readonly warnings: readonly string[];
  readonly logs: readonly string[];
  readonly failure: { readonly code: string; readonly detail: string; readonly line: number | null } | null;
}

function trialOf(command: string, outcome: EncodedDownlink | ScriptFailure): Trial {
  const logs = outcome.logs ?? [];
  if ('code' in outcome) {
    const { code, detail, line = null } = outcome;
    return { command, bytes: null, fPort: null, warnings: [], logs, failure: { code, detail, line } };
  }
  const { bytes, fPort = null, warnings } = outcome;
  return { command, bytes: Buffer.from(bytes).toString('hex'), fPort, warnings, logs, failure: null };
}

function showTrial(
  { command, bytes, fPort, warnings, logs, failure }: Trial,
  source: string,
  terminal: Terminal,
): void {
  const mark = failure ? terminal.styled('red', '✗') : terminal.styled('cyan', '•');
  const made = bytes === '' ? terminal.styled('dim', 'no bytes') : (bytes ?? '');
  const port = fPort === null ? '' : terminal.styled('dim', `  fPort ${fPort}`);
  const lines = failure ? failureLines(failure, source, 'red', terminal) : [`${made}${port}`];
  terminal.line(`${mark} ${terminal.styled('bold', plainText(command))}`);
  for (const line of [...lines, ...saidLines(warnings, logs, terminal)]) terminal.line(`    ${line}`.trimEnd());
  terminal.line();
}
