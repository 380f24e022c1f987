/** The variables that infra/compose.yaml asks for, kept in infra/.env, which only its owner can read. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../stack/atomic-file.ts';
import { root } from '../stack/service-launch.ts';

export const environmentFile = join(root, 'infra', '.env');

export type ComposeEnvironment = Readonly<Record<string, string>>;

export interface ComposePlace {
  /** Number of the user that the services run as. */
  readonly user: number;
  readonly configFolder: string;
}

const secretBytes = 32;
const secrets = ['MILLRACE_SECRET_KEY', 'REDIS_PASSWORD', 'POSTGRES_PASSWORD', 'MQTT_PASSWORD', 'GRAFANA_PASSWORD'];

/** Keeps every value that is there and makes what is missing. Secrets are 32 random bytes as base64url, so fit into URLs. */
export function completedEnvironment(
  before: ComposeEnvironment,
  { user, configFolder }: ComposePlace,
): ComposeEnvironment {
  const made = secrets.map((name) => [name, newSecret()]);
  const places = { MILLRACE_USER: String(user), MILLRACE_CONFIG_FOLDER: configFolder };
  return { ...Object.fromEntries(made), MILLRACE_ADMIN_KEY: `admin.${newSecret()}`, ...places, ...before };
}

const newSecret = (): string => randomBytes(secretBytes).toString('base64url');

/** Comments and empty lines are passed over. */
export function parseEnvironmentFile(text: string): ComposeEnvironment {
  const lines = text.split('\n').filter((line) => /^\w+=/.test(line));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

export function readEnvironment(): ComposeEnvironment {
  return existsSync(environmentFile) ? parseEnvironmentFile(readFileSync(environmentFile, 'utf8')) : {};
}

/** Touches the file only where something is missing in it: comments that a person wrote stay. */
export function writeEnvironment(values: ComposeEnvironment): void {
  const text = existsSync(environmentFile) ? readFileSync(environmentFile, 'utf8') : '';
  const there = parseEnvironmentFile(text);
  const missing = Object.entries(values).filter(([name]) => there[name] === undefined);
  if (missing.length === 0) return;
  const begin = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  writeAtomically(environmentFile, `${begin}${missing.map(([name, value]) => `${name}=${value}\n`).join('')}`);
}
