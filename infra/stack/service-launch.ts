/** Which services there are, and how one is started against the components of a stack: each gets only its own variables. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loopback, type Ports } from './ports.ts';
import { type AddressName } from './addresses.ts';
import { portOf } from './component.ts';

export const root = join(import.meta.dirname, '..', '..');

export interface ServiceSurroundings {
  /** Throws for a component that the stack does not have. */
  readonly address: (name: AddressName) => string;
  readonly secretKey: string;
  /** MILLRACE_ADMIN_KEY of the api. */
  readonly adminKey: string;
  /** Folder of the configuration whose connections the client manager publishes. */
  readonly configDir: string;
  /** Every service started with it, itself included: where health, metrics and accounting answer. */
  readonly services: readonly { readonly name: string; readonly url: string }[];
}

interface Needs {
  /** Ports beside the one for health, metrics and accounting. */
  readonly ports?: readonly string[];
  environment?(around: ServiceSurroundings, ports: Ports, instance: string): Readonly<Record<string, string>>;
  /** Quiet services give memory back sooner; the busy ones keep V8's default, which costs less CPU. */
  readonly nodeOptions?: readonly string[];
}

const quiet = ['--max-semi-space-size=1'];

/** A service that is not named here needs Kafka and the registry only. */
const needs: Readonly<Record<string, Needs>> = {
  gateway: {
    ports: ['ingest', 'tcp'],
    environment: ({ secretKey }, ports, instance) => ({
      MILLRACE_SECRET_KEY: secretKey,
      MILLRACE_GATEWAY_HTTP_HOST: loopback,
      MILLRACE_GATEWAY_HTTP_PORT: String(portOf(ports, `${instance}-ingest`)),
      MILLRACE_GATEWAY_TCP_HOST: loopback,
      MILLRACE_GATEWAY_TCP_PORT: String(portOf(ports, `${instance}-tcp`)),
    }),
  },
  'client-manager': {
    environment: ({ secretKey, configDir, address }) => ({
      MILLRACE_SECRET_KEY: secretKey,
      MILLRACE_CONFIG_DIR: configDir,
      MILLRACE_REDIS_URL: address('redis'),
    }),
  },
  historian: {
    environment: ({ address }) => ({ MILLRACE_QUESTDB_URL: address('questdb'), MILLRACE_REDIS_URL: address('redis') }),
  },
  'statistics-scheduler': {
    environment: ({ address }) => ({ MILLRACE_QUESTDB_URL: address('questdb'), MILLRACE_REDIS_URL: address('redis') }),
    nodeOptions: quiet,
  },
  notifier: {
    environment: ({ address, secretKey }) => ({
      MILLRACE_SECRET_KEY: secretKey,
      MILLRACE_SMTP_URL: address('smtp'),
      MILLRACE_SMTP_FROM: 'millrace@localhost',
    }),
    nodeOptions: quiet,
  },
  api: {
    environment: ({ secretKey, adminKey, address, services }) => ({
      MILLRACE_SECRET_KEY: secretKey,
      MILLRACE_ADMIN_KEY: adminKey,
      MILLRACE_QUESTDB_URL: address('questdb'),
      MILLRACE_REDIS_URL: address('redis'),
      MILLRACE_POSTGRES_URL: address('postgres'),
      MILLRACE_ACCOUNTING_URLS: services.map(({ url }) => url).join(','),
      ...clientManagersOf(services),
    }),
  },
};

/** A stack may have none. */
function clientManagersOf(services: ServiceSurroundings['services']): Readonly<Record<string, string>> {
  const urls = services.filter(({ name }) => name === 'client-manager').map(({ url }) => url);
  return urls.length === 0 ? {} : { MILLRACE_CLIENT_MANAGER_URLS: urls.join(',') };
}

/** The folders of `services/` that were built and have something to run. */
export function builtServices(): string[] {
  return globSync(join(root, 'services', '*', 'package.json'))
    .map((file) => file.split('/').at(-2) ?? '')
    .filter((name) => runsSomething(mainOf(name)))
    .sort();
}

/** `gateway-1`: the port for health, metrics and accounting; `gateway-1-ingest`, `gateway-1-tcp`: where devices send to. */
export function servicePortNames(name: string, instance: string): string[] {
  return [instance, ...(needs[name]?.ports ?? []).map((port) => `${instance}-${port}`)];
}

export function serviceParameters(name: string): string[] {
  return ['--enable-source-maps', ...(needs[name]?.nodeOptions ?? []), mainOf(name)];
}

export function serviceEnvironment(
  name: string,
  instance: string,
  around: ServiceSurroundings,
  ports: Ports,
): Record<string, string> {
  return {
    MILLRACE_INSTANCE: instance,
    MILLRACE_KAFKA_BROKERS: around.address('kafka'),
    MILLRACE_REGISTRY_URL: around.address('registry'),
    MILLRACE_HTTP_HOST: loopback,
    MILLRACE_HTTP_PORT: String(portOf(ports, instance)),
    ...needs[name]?.environment?.(around, ports, instance),
  };
}

const mainOf = (name: string): string => join(root, 'services', name, 'dist', 'main.js');

/** A service whose code is yet to come compiles to comments and an empty export. */
function runsSomething(file: string): boolean {
  if (!existsSync(file)) return false;
  const code = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  return code.replace('export {};', '').trim() !== '';
}
