/** The flags of `./millrace bench failover`. */
import { parseArgs } from 'node:util';

export interface FailoverBenchOptions {
  /** Of each attack. */
  readonly rounds: number;
  /** Of the fleet that loses an instance. */
  readonly connections: number;
  readonly instances: number;
  readonly parserStopSeconds: number;
  /** Of the simulation of leases. */
  readonly seeds: number;
  readonly from: number;
  readonly json: boolean;
}

export const failoverBenchHelp = `./millrace bench failover [--rounds N] [--connections N] [--instances N] [--parser-stop-seconds S] [--seeds N] [--from N] [--json]

Attacks client managers and what they need, between real brokers and a real parser, and says what became of their connections and of every
message; then lets one instance of a large fleet die; then simulates leases.
  --rounds N                of each attack, 5 unless given
  --connections N           of the fleet, 2000 unless given; 0: without it
  --instances N             of the client manager, 3 unless given
  --parser-stop-seconds S   how long the parser is stopped around a failover, 300 unless given; 0: without it
  --seeds N                 of the simulation, 100000 unless given; 0: without it
  --from N                  its first seed, 1 unless given
  --json                    the result as JSON
`;

const roundsMax = 1_000;
const connectionsMax = 20_000;
const instancesMax = 10;
const parserStopSecondsMax = 3_600;
const seedsMax = 100_000_000;

/** Throws a TypeError with one sentence for a flag that is unknown or wrong. */
export function parseFailoverBenchOptions(parameters: readonly string[]): FailoverBenchOptions {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      rounds: { type: 'string', default: '5' },
      connections: { type: 'string', default: '2000' },
      instances: { type: 'string', default: '3' },
      'parser-stop-seconds': { type: 'string', default: '300' },
      seeds: { type: 'string', default: '100000' },
      from: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  });
  return {
    rounds: whole('rounds', values.rounds, 0, roundsMax),
    connections: whole('connections', values.connections, 0, connectionsMax),
    instances: whole('instances', values.instances, 2, instancesMax),
    parserStopSeconds: whole('parser-stop-seconds', values['parser-stop-seconds'], 0, parserStopSecondsMax),
    seeds: whole('seeds', values.seeds, 0, seedsMax),
    from: whole('from', values.from, 0, Number.MAX_SAFE_INTEGER - seedsMax),
    json: values.json,
  };
}

function whole(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new TypeError(`--${flag} must be a whole number from ${min} to ${max}.`);
}
