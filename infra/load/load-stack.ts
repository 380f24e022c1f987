/** What a load test runs against: the stack that is up, or one of its own when none is. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deviceUid } from '../../load-tests/messages.ts';
import { adminKeyIn } from '../stack/admin-key.ts';
import { applyConfiguration } from '../configure/apply-configuration.ts';
import { writeConfiguration } from '../configure/written-configuration.ts';
import { builtServices } from '../stack/service-launch.ts';
import { loopback } from '../stack/ports.ts';
import { startStack, type Stack } from '../stack/stack.ts';
import { currentState, type StackState } from '../stack/state-file.ts';
import { UserError } from '../stack/user-error.ts';
import { type Report, type Steps } from '../cli/step.ts';
import { type LoadTarget } from './k6-run.ts';
import { addLoadTenant } from './load-tenant.ts';

/** A change of the configuration is live within about a second, on a busy machine later. */
const knownMsMax = 60_000;
const pollMs = 200;

/** The stack in the folder with the load's tenant in its configuration; undefined when none runs there. */
export async function runningTarget(
  dataDir: string,
  devices: number,
  signal: AbortSignal,
): Promise<LoadTarget | undefined> {
  const state = currentState(dataDir);
  if (!state || state.state === 'stopped') return undefined;
  if (state.state !== 'ready')
    throw new UserError(`The stack in ${dataDir} is ${state.state}; wait until ./millrace status calls it ready.`);
  return targetOf(addressesIn(state), dataDir, devices, signal);
}

/** Runs `work` against a stack of its own, which ends with it. */
export async function withOwnStack<T>(
  devices: number,
  steps: Steps,
  signal: AbortSignal,
  work: (target: LoadTarget) => Promise<T>,
): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-load-'));
  try {
    const { stack, target } = await steps.step('Starting a stack', (report) =>
      startOwn(dataDir, devices, report, signal),
    );
    try {
      return await work(target);
    } finally {
      await steps.step('Stopping the stack', () => stack.stop());
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function startOwn(
  dataDir: string,
  devices: number,
  report: Report,
  signal: AbortSignal,
): Promise<{ stack: Stack; target: LoadTarget }> {
  // The client manager wants a folder, in which there are no connections.
  const configDir = writeConfiguration(join(dataDir, 'config'), { 'tenants.json': [] });
  const stack = await startStack({ dataDir, tuning: 'sustained load', report }, signal);
  try {
    await stack.startServices(builtServices(), { configDir }, signal);
    await stack.ready(signal);
    return { stack, target: await targetOf(addressesOf(stack), dataDir, devices, signal) };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

type Addresses = Omit<LoadTarget, 'apiKey'>;

export const addressesOf = (stack: Stack): Addresses => ({
  gatewayUrl: `http://${loopback}:${stack.port('gateway-1-ingest')}`,
  apiUrl: `http://${loopback}:${stack.port('api-1')}`,
  questdbUrl: stack.address('questdb'),
});

/** Adds the load's tenant to a stack's configuration; resolves when its gateway knows key and devices. */
export async function targetOf(
  addresses: Addresses,
  dataDir: string,
  devices: number,
  signal: AbortSignal,
): Promise<LoadTarget> {
  const folder = join(dataDir, 'load-config');
  const target = { ...addresses, apiKey: await addLoadTenant(folder, devices) };
  await applyConfiguration({ url: target.apiUrl, key: adminKeyIn(dataDir) }, folder, { prune: true, signal });
  const limit = performance.now() + knownMsMax;
  while (!(await isKnown(target, deviceUid(devices - 1)))) {
    if (performance.now() > limit)
      throw new UserError(`The gateway does not know the load's devices after ${knownMsMax / 1_000} s; see its log.`);
    await sleep(pollMs, undefined, { signal });
  }
  return target;
}

/** A message without a payload is refused for that alone, once its key and its device are known. */
async function isKnown({ gatewayUrl, apiKey }: LoadTarget, device: string): Promise<boolean> {
  const answer = await fetch(`${gatewayUrl}/v1/messages/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ device }] }),
  });
  const { errors = [] } = (await answer.json()) as { readonly errors?: readonly { readonly field: string }[] };
  return answer.status === 400 && errors.every(({ field }) => field !== 'messages[0].device');
}

function addressesIn({ processes, dataDir }: StackState): Addresses {
  const found = (name: string): StackState['processes'][number] => {
    const process = processes.find((one) => one.name === name && one.url !== null);
    if (!process) throw new UserError(`The stack in ${dataDir} has no ${name}; start it with ./millrace up.`);
    return process;
  };
  const gateway = found('gateway');
  return {
    gatewayUrl: `http://${loopback}:${gateway.ports[`${gateway.instance}-ingest`]}`,
    apiUrl: found('api').url ?? '',
    questdbUrl: found('questdb').url ?? '',
  };
}
