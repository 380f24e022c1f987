/** Runs the tests, on a stack of its own where they need one, and ends with one line of counts. */
import { globSync } from 'node:fs';
import { root } from '../../stack/service-launch.ts';
import { UserError } from '../../stack/user-error.ts';
import { cacheFolder } from '../../stack/toolchain/cache.ts';
import { closingLine, noTests, sumOf, type TestCounts } from '../../tools/test-counts.ts';
import { affectedProjects } from '../affected.ts';
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
  options: {
    affected: { kind: 'flag', summary: 'only of projects that a change since the base reaches' },
    base: { kind: 'text', placeholder: 'REF', summary: 'commit that --affected compares with (main)' },
  },
  async run({ positionals, options: { affected, base } }, terminal, signal) {
    const { chosen, pattern } = chosenTests(positionals);
    checkAffected(affected, base, pattern);
    const counts: TestCounts[] = [];
    try {
      requireDiskSpace([workFolder, cacheFolder()]);
      await prepareWorkspace(terminal, signal);
      const folders = affected ? await affectedFolders(base, terminal, signal) : undefined;
      for (const kind of chosen) {
        const patterns = folders ? affectedTests(kind, folders) : [pattern ?? []].flat();
        if (folders && patterns.length === 0) continue;
        terminal.note(terminal.styled('bold', `\n${kind} tests`));
        counts.push(await run(kind, patterns, terminal, signal));
        signal.throwIfAborted();
      }
    } catch (error) {
      // Whoever reads the last line must not take tests that could not run for tests that passed.
      counts.push({ ...noTests, failed: 1 });
      terminal.explain(error);
    }
    const sum = sumOf(counts);
    terminal.line(`\n${closingLine(sum)}`);
    return sum.failed === 0 && (sum.passed > 0 || affected) ? 0 : 1;
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

function checkAffected(affected: boolean, base: string | undefined, pattern: string | undefined): void {
  if (affected && pattern !== undefined)
    throw new UserError(`--affected chooses the files itself; leave ${pattern} out.`, { exitCode: 2 });
  if (!affected && base !== undefined)
    throw new UserError('--base says what --affected compares with; give both.', { exitCode: 2 });
}

async function affectedFolders(
  wanted: string | undefined,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { base, folders } = await terminal.step('Finding what the change reaches', () =>
    affectedProjects(wanted, { signal }),
  );
  terminal.note(
    folders.length === 0
      ? `Nothing that has tests was reached by the change since ${base}.`
      : `Reached by the change since ${base}: ${folders.join(', ')}.`,
  );
  return folders;
}

/** The folders that have tests of the kind. What the stack is made of is below every integration test. */
export function affectedTests(kind: Kind, folders: readonly string[]): string[] {
  const files = kind === 'unit' ? '*.test.ts' : `*.${kind}.test.ts`;
  const isAll = kind === 'integration' && folders.includes('infra/stack');
  return (isAll ? ['libs', 'services', 'infra', 'examples', 'load-tests'] : folders)
    .filter((folder) => globSync(`${folder}/**/${files}`, { cwd: root, exclude: ['**/node_modules/**'] }).length > 0)
    .map((folder) => `${folder}/`);
}

/**
 * Integrity tests start and kill stacks themselves, so they run without ours, which would only slow them down. A kind is a project
 * of Vitest, or several whose names begin with it: those that run beside each other, and those that do not.
 */
function run(kind: Kind, patterns: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<TestCounts> {
  const project = `${kind}*`;
  if (kind !== 'integration') return runVitest({ project, patterns }, signal);
  return withTestStack(terminal, signal, (environment) => runVitest({ project, patterns, environment }, signal));
}
