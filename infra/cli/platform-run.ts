/** One run of the platform: preparations, stack, services, fleet, then waiting until it shall end. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { cacheFolder } from '../stack/toolchain/cache.ts';
import { loopback, usualPortBase } from '../stack/ports.ts';
import type { InstanceCounts } from '../stack/service-fleet.ts';
import { builtServices, root } from '../stack/service-launch.ts';
import { startStack, type Stack } from '../stack/stack.ts';
import { stateFileIn } from '../stack/state-file.ts';
import { applyChangedFolder } from '../configure/changed-folder.ts';
import { type Report, type Steps } from './step.ts';
import { serveControl } from './control.ts';
import { writeDemoConfiguration } from './demo-config.ts';
import { requireDiskSpace } from './disk-space.ts';
import { refuseSecondRun } from './second-run.ts';
import { type Terminal } from './terminal.ts';
import { showWelcome } from './show-welcome.ts';
import { prepareWorkspace } from './workspace.ts';

export interface PlatformWishes {
  readonly dataDir: string;
  readonly demoFleet: boolean;
  readonly portBase: number | undefined;
  /** Of services of which one is not enough. */
  readonly instances?: InstanceCounts;
}

/** Where the fleet's controller listens. */
const plcPort = 'fleet-1-plc';
const fleet = join(root, 'examples', 'fleet', 'main.ts');

/** Returns when the signal fired and everything has ended. */
export async function runPlatform(wishes: PlatformWishes, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { dataDir } = wishes;
  await preparePlatform(dataDir, terminal, signal);
  const stack = await startPlatform(wishes, terminal, signal);
  const control = await serveControl(stack);
  showWelcome(dataDir, terminal);
  terminal.note(terminal.styled('dim', 'Ctrl-C ends it.'));
  if (!signal.aborted) await once(signal, 'abort');
  control.close();
  await stopped(stack, terminal);
  return 0;
}

/** Everything that can be refused early is; then installs and builds. */
export async function preparePlatform(dataDir: string, terminal: Terminal, signal: AbortSignal): Promise<void> {
  refuseSecondRun(dataDir);
  requireDiskSpace([dataDir, cacheFolder()]);
  await prepareWorkspace(terminal, signal);
}

/** Starts everything; when that fails or the signal fires, nothing is left running. */
export async function startPlatform(wishes: PlatformWishes, steps: Steps, signal: AbortSignal): Promise<Stack> {
  let report: Report = () => {};
  const stack = await steps.step('Starting the infrastructure', (says) => {
    report = says;
    const { dataDir, portBase } = wishes;
    return startStack({ dataDir, portBase, portsFrom: usualPortBase, report: (text) => report(text) }, signal);
  });
  try {
    await steps.step('Starting the services', (says) => {
      report = says;
      return startServices(stack, wishes, signal);
    });
    return stack;
  } catch (error) {
    await stopped(stack, steps);
    throw error;
  }
}

export async function stopped(stack: Stack, steps: Steps): Promise<void> {
  await steps.step('Stopping', () => stack.stop());
}

async function startServices(
  stack: Stack,
  { demoFleet, instances = {} }: PlatformWishes,
  signal: AbortSignal,
): Promise<void> {
  const { dataDir, secretKey } = stack;
  const services = builtServices();
  await stack.choosePorts([plcPort]);
  const plcUrl = `modbus-tcp://${loopback}:${stack.port(plcPort)}`;
  const addresses = { mqttUrl: stack.address('mosquitto'), plcUrl };
  const { configDir, demo } = await writeDemoConfiguration({ dataDir, secretKey, addresses });
  stack.demo = demo;
  await stack.startServices(services, { configDir }, signal);
  if (Object.keys(instances).length > 0) await stack.scale(instances, () => {}, signal);
  await stack.ready(signal);
  // The fleet would only send into the void before.
  if (services.includes('api')) await applyChangedFolder(stack, configDir, signal);
  if (demoFleet && existsSync(fleet) && services.includes('gateway')) startFleet(stack);
  await stack.ready(signal);
}

function startFleet(stack: Stack): void {
  const gateway = `http://127.0.0.1:${stack.port('gateway-1-ingest')}`;
  const state = stateFileIn(stack.dataDir);
  const plc = ['--plc-port', String(stack.port(plcPort))];
  const addresses = ['--gateway', gateway, '--broker', stack.address('mosquitto'), ...plc, '--state', state];
  stack.startDemo({ name: 'fleet', parameters: ['--conditions=@millrace/source', fleet, ...addresses] });
}
