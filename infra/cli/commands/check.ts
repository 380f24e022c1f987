/** What a reviewer would look at, one line per step. */
import { CommandFailed, runCommand } from '../../stack/run-command.ts';
import { root } from '../../stack/service-launch.ts';
import { defineCommand } from '../command.ts';
import { type Terminal } from '../terminal.ts';
import { binary, installPackages } from '../workspace.ts';

interface CheckStep {
  readonly title: string;
  readonly command: string;
  readonly parameters: readonly string[];
  /** Part of `./millrace test` too. */
  readonly isTest?: true;
}

const tidyTests = 'infra/tidy';

const steps: readonly CheckStep[] = [
  {
    title: 'generated files',
    command: process.execPath,
    parameters: ['--conditions=@millrace/source', 'infra/generate/main.ts', '--check'],
  },
  { title: 'format', command: binary('oxfmt'), parameters: ['--check'] },
  { title: 'lint', command: binary('oxlint'), parameters: [] },
  { title: 'types', command: binary('tsc'), parameters: ['-p', 'tsconfig.json'] },
  { title: 'types of the load tests', command: binary('tsc'), parameters: ['-p', 'load-tests/tsconfig.json'] },
  { title: 'types of the page', command: binary('tsc'), parameters: ['-b', 'services/api/src/screen'] },
  { title: 'tidy', command: binary('vitest'), parameters: ['run', '--project', 'unit', tidyTests], isTest: true },
  {
    title: 'unit tests',
    command: binary('vitest'),
    parameters: ['run', '--project', 'unit', '--exclude', `${tidyTests}/**`],
    isTest: true,
  },
];

export const check = defineCommand({
  name: 'check',
  summary: 'Generated files, format, lint, types, tidy rules and unit tests',
  positionals: [],
  options: {
    'no-tests': { kind: 'flag', summary: 'without tidy rules and unit tests, for who runs ./millrace test next' },
  },
  async run({ options }, terminal, signal) {
    await installPackages(terminal, signal);
    let failed = 0;
    const wanted = options['no-tests'] ? steps.filter(({ isTest }) => !isTest) : steps;
    for (const step of wanted) if (!(await passes(step, terminal, signal))) failed += 1;
    return failed === 0 ? 0 : 1;
  },
});

/** Goes on after a failure, so that one run shows all there is. */
async function passes(
  { title, command, parameters }: CheckStep,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await terminal.step(title, () => runCommand(command, parameters, { folder: root, signal }));
    return true;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    terminal.note(error.message);
    return false;
  }
}
