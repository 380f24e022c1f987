/** The flags of `./millrace bench scripts`. */
import { parseArgs } from 'node:util';

export interface ScriptsBenchOptions {
  /** For each figure; of the processor where its cost is measured. */
  readonly seconds: number;
  /** That are held, evicted and rebuilt by turns. */
  readonly scripts: number;
  /** Mutations of attacks. */
  readonly mutants: number;
  readonly seed: number;
  readonly json: boolean;
}

export const scriptsBenchHelp = `./millrace bench scripts [--seconds S] [--scripts N] [--mutants N] [--seed N] [--json]

Measures what scripts of each language cost, from the service to the isolate and back, and lets every known attack loose.
  --seconds S   for each figure, 10 unless given; of the processor where its cost is measured
  --scripts N   that take turns in memory, 1000 unless given
  --mutants N   of the attacks, 1000 unless given
  --seed N      the mutants of another run; one of its own unless given
  --json        the result as JSON
`;

const secondsMax = 3_600;
const scriptsMax = 100_000;
const mutantsMax = 1_000_000;
const seedMax = 2 ** 31 - 1;

/** Throws a TypeError with one sentence for a flag that is unknown or wrong. */
export function parseScriptsBenchOptions(parameters: readonly string[]): ScriptsBenchOptions {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      seconds: { type: 'string', default: '10' },
      scripts: { type: 'string', default: '1000' },
      mutants: { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * seedMax)) },
      json: { type: 'boolean', default: false },
    },
  });
  return {
    seconds: whole('seconds', values.seconds, 1, secondsMax),
    scripts: whole('scripts', values.scripts, 1, scriptsMax),
    mutants: whole('mutants', values.mutants, 0, mutantsMax),
    seed: whole('seed', values.seed, 0, seedMax),
    json: values.json,
  };
}

function whole(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new TypeError(`--${flag} must be a whole number from ${min} to ${max}.`);
}
