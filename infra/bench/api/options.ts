/** The flags of `./millrace bench api`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface ApiBenchOptions {
  readonly devices: number;
  /** Live readers, the slow ones included. */
  readonly readers: number;
  readonly slowReaders: number;
  /** Clients that ask at the same time, each one question after the other. */
  readonly clients: number;
  /** For each kind of question. */
  readonly seconds: number;
  readonly liveSeconds: number;
  readonly json: boolean;
  /** Folder for a CPU profile of each service; undefined: none are taken. */
  readonly profileDir: string | undefined;
}

export const apiBenchHelp = `./millrace bench api [--devices N] [--readers N] [--clients N] [--seconds S] [--live S] [--json] [--profile DIR]

Fills a stack of its own with devices and measures what the api takes to import, list and find them, to tell their values
and to tell them live.
  --devices N   100000 unless given, at most 300000
  --readers N   live readers, 1000 unless given, which is all that a tenant may have; one of 50 reads slowly
  --clients N   that ask at the same time, 8 unless given
  --seconds S   for each kind of question, 8 unless given
  --live S      seconds of the live stream, 30 unless given
  --json        the result as JSON
  --profile DIR a CPU profile of each service, for a browser's developer tools; costs some CPU itself
`;

/** Rows of one file of an import. */
const devicesMax = 300_000;
/** Live streams of a tenant. */
const readersMax = 1_000;
const clientsMax = 100;
const quickPerSlow = 50;

/** Throws a TypeError with one sentence for a flag that is unknown or wrong. */
export function parseApiBenchOptions(parameters: readonly string[]): ApiBenchOptions {
  const { values } = parseArgs({
    args: [...parameters],
    options: {
      devices: { type: 'string', default: '100000' },
      readers: { type: 'string', default: '1000' },
      clients: { type: 'string', default: '8' },
      seconds: { type: 'string', default: '8' },
      live: { type: 'string', default: '30' },
      json: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  });
  const readers = whole('readers', values.readers, 2, readersMax);
  return {
    devices: whole('devices', values.devices, devicesMin, devicesMax),
    readers,
    slowReaders: Math.ceil(readers / quickPerSlow),
    clients: whole('clients', values.clients, 1, clientsMax),
    seconds: whole('seconds', values.seconds, 1, 3_600),
    liveSeconds: whole('live', values.live, 1, 3_600),
    json: values.json,
    profileDir: values.profile && resolve(values.profile),
  };
}

/** Of one question for latest values. */
const devicesMin = 1_000;

function whole(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new TypeError(`--${flag} must be a whole number from ${min} to ${max}.`);
}
