/** The benchmark's flags. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly kind: 'http' | 'mqtt';
  /** 0: as fast as it is taken. */
  readonly pointsPerSecond: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly json: boolean;
  /** With one, two and three instances of what works by partitions, after one another. */
  readonly scale: boolean;
  /** Folder for a CPU profile of each service; undefined: none are taken. */
  readonly profileDir: string | undefined;
}

export const benchHelp = `./millrace bench [--mqtt] [--points N|max] [--scale] [--warm-up S] [--seconds S] [--json] [--profile DIR]
./millrace bench api [--devices N] …
./millrace bench failover [--rounds N] [--connections N] …
./millrace bench scripts [--mutants N] …

Drives a stack of its own at the standard load and prints what it cost.
  --mqtt        over the MQTT broker instead of HTTP
  --points N    points per second, 50000 unless given; max: as fast as it is taken
  --scale       with one, two and three instances of parser, historian and alarm-evaluator, one after the other
  --warm-up S   seconds before measuring, 30 unless given
  --seconds S   seconds measured, 120 unless given
  --json        the result as JSON
  --profile DIR a CPU profile of each service, for a browser's developer tools; costs some CPU itself

./millrace bench api --help: the api with many devices instead.
./millrace bench failover --help: client managers under attack.
./millrace bench scripts --help: scripts of each language, and attacks on what runs them.
`;

/** Throws a TypeError with one sentence for a flag that is unknown or wrong. */
export function parseBenchOptions(parameters: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      mqtt: { type: 'boolean', default: false },
      points: { type: 'string', default: '50000' },
      scale: { type: 'boolean', default: false },
      'warm-up': { type: 'string', default: '30' },
      seconds: { type: 'string', default: '120' },
      json: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  });
  return {
    kind: values.mqtt ? 'mqtt' : 'http',
    pointsPerSecond: values.points === 'max' ? 0 : positive('points', values.points),
    warmUpSeconds: positive('warm-up', values['warm-up']),
    seconds: positive('seconds', values.seconds),
    json: values.json,
    scale: values.scale,
    profileDir: values.profile && resolve(values.profile),
  };
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new TypeError(`--${flag} must be a number above 0.`);
}
