/** Runs the tests, on a stack of its own where they need one, and ends with one line of counts. */
import { UserError } from '../../stack/user-error.ts';
import { cacheFolder } from '../../stack/toolchain/cache.ts';
import { closingLine, noTests, sumOf, type TestCounts } from '../../tools/test-counts.ts';
import { defineCommand } from '../command.ts';
import { requireDiskSpace } from '../disk-space.ts';
import { withTestStack } from '../test-stack.ts';
import { type Terminal } from '../terminal.ts';
import { runVitest } from '../vitest-run.ts';
import { prepareWorkspace, workFolder } from '../workspace.ts';

const kinds = ['unit', 'integration', 'integrity'] as const;
type Kind = (typeof kinds)[number];

export const test = defineCommand({
  name: 'test',
  summary: `Runs the tests of a kind (${kinds.join(', ')}) or all, those whose path has the pattern`,
  positionals: [
    { name: 'kind', required: false },
    { name: 'pattern', required: false },
  ],
  options: {},
  async run({ positionals }, terminal, signal) {
    const { chosen, pattern } = chosenTests(positionals);
    const counts: TestCounts[] = [];
    try {
      requireDiskSpace([workFolder, cacheFolder()]);
      await prepareWorkspace(terminal, signal);
      for (const kind of chosen) {
        terminal.note(terminal.styled('bold', `\n${kind} tests`));
        counts.push(await run(kind, pattern, terminal, signal));
        signal.throwIfAborted();
      }
    } catch (error) {
      // Whoever reads the last line must not take tests that could not run for tests that passed.
      counts.push({ ...noTests, failed: 1 });
      terminal.explain(error);
    }
    const sum = sumOf(counts);
    terminal.line(`\n${closingLine(sum)}`);
    return sum.failed === 0 && sum.passed > 0 ? 0 : 1;
  },
});

/** The first word is a kind, or else a pattern for all kinds. */
export function chosenTests([first, second]: readonly string[]): {
  chosen: readonly Kind[];
  pattern: string | undefined;
} {
  const kind = kinds.find((one) => one === first);
  if (kind) return { chosen: [kind], pattern: second };
  if (second !== undefined)
    throw new UserError(`There is no kind of test ${first}; there are ${kinds.join(', ')}.`, { exitCode: 2 });
  return { chosen: kinds, pattern: first };
}

/** Integrity tests start and kill stacks themselves, so they run without ours, which would only slow them down. */
function run(kind: Kind, pattern: string | undefined, terminal: Terminal, signal: AbortSignal): Promise<TestCounts> {
  if (kind !== 'integration') return runVitest({ project: kind, pattern }, signal);
  return withTestStack(terminal, signal, (environment) => runVitest({ project: kind, pattern, environment }, signal));
}
