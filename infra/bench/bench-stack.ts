/** A stack of its own for the benchmark, with the standard load's configuration and one ingest key per tenant. */
import { join } from 'node:path';
import { generateKey, keyIdOf } from '@millrace/auth';
import { apiOf, applyConfiguration } from '../configure/apply-configuration.ts';
import { writeConfiguration } from '../configure/written-configuration.ts';
import { builtServices, type Stack, startStack } from '../stack/index.ts';
import { configurationOf, connectionsOf, tenantNames } from './standard-load.ts';

export interface BenchStack {
  readonly stack: Stack;
  readonly gateway: string;
  readonly apiKeys: Readonly<Record<string, string>>;
}

export async function startBenchStack(
  dataDir: string,
  profileDir: string | undefined,
  signal: AbortSignal,
  report: (text: string) => void,
): Promise<BenchStack> {
  const keys = Object.fromEntries(tenantNames.map((tenant) => [tenant, generateKey()]));
  const entries = Object.entries(keys).map(([tenant, key]) => ({
    tenant,
    keyId: keyIdOf(key),
    key,
    scopes: ['ingest', 'read'],
  }));
  const files = (stack: Stack) => ({
    ...configurationOf(entries),
    'connections.json': connectionsOf(stack.address('mosquitto')),
  });
  const stack = await startConfigured(dataDir, files, profileDir, signal, report);
  return { stack, gateway: gatewayOf(stack), apiKeys: keys };
}

/** With this folder of configuration, live everywhere; when that fails nothing is left running. */
export async function startConfigured(
  dataDir: string,
  files: (stack: Stack) => Parameters<typeof writeConfiguration>[1],
  profileDir: string | undefined,
  signal: AbortSignal,
  report: (text: string) => void,
): Promise<Stack> {
  const stack = await startStack({ dataDir, tuning: 'sustained load', report }, signal);
  try {
    const configDir = writeConfiguration(join(dataDir, 'config'), files(stack));
    const services = builtServices();
    const environment = profileDir === undefined ? {} : profiled(services, profileDir);
    await stack.startServices(services, { configDir, environment }, signal);
    await stack.ready(signal);
    await applyConfiguration(apiOf(stack), configDir, { prune: false, signal });
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** Where devices send to. */
export const gatewayOf = (stack: Pick<Stack, 'port'>): string => `http://127.0.0.1:${stack.port('gateway-1-ingest')}`;

/** Node writes the profile when the service ends. */
function profiled(services: readonly string[], folder: string): Record<string, Record<string, string>> {
  const environmentOf = (name: string) => ({
    NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder} --cpu-prof-name=${name}.cpuprofile`,
  });
  return Object.fromEntries(services.map((name) => [name, environmentOf(name)]));
}
