/** The door to the benchmark, which reads its own options. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../stack/service-launch.ts';
import { UserError } from '../../stack/user-error.ts';
import { defineCommand } from '../command.ts';
import { prepareWorkspace } from '../workspace.ts';

const program = join(root, 'infra', 'bench', 'bench.ts');

interface Benchmark {
  /** Returns the exit code. */
  bench(parameters: readonly string[], signal: AbortSignal): Promise<number | void>;
}

export const bench = defineCommand({
  name: 'bench',
  summary: 'Measures CPU per point, throughput and latency on a stack of its own',
  positionals: [],
  options: {},
  passesOn: true,
  async run({ positionals }, terminal, signal) {
    if (!existsSync(program)) throw new UserError('This clone has no benchmark (infra/bench/bench.ts).');
    await prepareWorkspace(terminal, signal);
    const module = (await import(program)) as Benchmark;
    return (await module.bench(positionals, signal)) ?? 0;
  },
});
