/** What a run is told by `-e NAME=value` or the environment, checked before the first request. */
import { profileNames, type ProfileName } from './profiles.ts';

export interface Settings {
  readonly profile: ProfileName;
  /** Where devices send to; without a slash at the end. */
  readonly gatewayUrl: string;
  /** The api, for the accounting of all services. */
  readonly apiUrl: string;
  readonly questdbUrl: string;
  /** An Authorization header for QuestDB, where it asks for one. */
  readonly questdbAuthorization: string | undefined;
  /** An ingest key of the tenant. */
  readonly apiKey: string;
  readonly tenant: string;
  /** Where the tenant's points are stored. */
  readonly table: string;
  /** `load-00000` up to this many are registered. */
  readonly devices: number;
  readonly messagesPerRequest: number;
  /** At the profile's peak; undefined: the profile's own. */
  readonly messagesPerSecond: number | undefined;
  /** Seconds at the peak; undefined: the profile's own. */
  readonly seconds: number | undefined;
  /** Messages that were accepted are lost when nothing more was stored for this long. */
  readonly quietSeconds: number;
  /** `<results>.json` and `<results>.txt` are written at the end. */
  readonly results: string;
  /** What is printed at the end. */
  readonly format: 'text' | 'json';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** As one request of the gateway takes. */
const messagesPerRequestMax = 1_000;

/** Throws an Error of one sentence that names the variable. */
export function readSettings(environment: Environment): Settings {
  const profile = chosen(environment, 'PROFILE', profileNames, 'smoke');
  const devices = count(environment, 'DEVICES') ?? 1_000;
  const messagesPerRequest = count(environment, 'BATCH') ?? 100;
  if (messagesPerRequest > Math.min(devices, messagesPerRequestMax))
    throw new Error(`BATCH must be at most ${messagesPerRequestMax}, and not more than DEVICES (${devices}).`);
  return {
    profile,
    gatewayUrl: address(environment, 'GATEWAY_URL'),
    apiUrl: address(environment, 'API_URL'),
    questdbUrl: address(environment, 'QUESTDB_URL'),
    questdbAuthorization: environment['QUESTDB_AUTHORIZATION'] || undefined,
    apiKey: required(environment, 'API_KEY'),
    tenant: matching(environment, 'TENANT', /^[a-z][a-z0-9_]{1,31}$/, 'load'),
    table: matching(environment, 'TABLE', /^points_[a-z0-9_]+$/, 'points_30d'),
    devices,
    messagesPerRequest,
    messagesPerSecond: count(environment, 'RATE'),
    seconds: count(environment, 'SECONDS'),
    quietSeconds: count(environment, 'QUIET_SECONDS') ?? 30,
    results: environment['RESULTS'] || `load-${profile}`,
    format: chosen(environment, 'FORMAT', ['text', 'json'], 'text'),
  };
}

function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (!value) throw new Error(`Set ${name}, for example with -e ${name}=…; load-tests/README.md says what it is.`);
  return value;
}

function address(environment: Environment, name: string): string {
  const value = required(environment, name).replace(/\/+$/, '');
  if (!/^https?:\/\/[^/\s]+/.test(value)) throw new Error(`${name} must be an address such as http://host:8080.`);
  return value;
}

function count(environment: Environment, name: string): number | undefined {
  const value = environment[name];
  if (!value) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new Error(`${name} must be a whole number from 1, not ${value}.`);
  return Number(value);
}

function matching(environment: Environment, name: string, pattern: RegExp, usual: string): string {
  const value = environment[name] || usual;
  if (!pattern.test(value)) throw new Error(`${name} is not a name that Millrace gives: ${value}.`);
  return value;
}

function chosen<T extends string>(environment: Environment, name: string, choices: readonly T[], usual: T): T {
  const value = environment[name] || usual;
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new Error(`${name} must be one of ${choices.join(', ')}, not ${value}.`);
  return found;
}
