/** How the processes of a stack are started, probed and stopped: components, services, the demo. */
import { join } from 'node:path';
import { type Component, type Launch } from './component.ts';
import { httpAnswers } from './components/http-probe.ts';
import { loopback, type Ports } from './ports.ts';
import { type ProcessPlan } from './process-plan.ts';
import { root, serviceEnvironment, serviceParameters, type ServiceSurroundings } from './service-launch.ts';

export type DemoProgram = Pick<ProcessPlan, 'name' | 'parameters'>;

/** A JVM writes its class archive when it ends for the first time, on a busy machine. */
const infrastructureStopMsMax = 20_000;
/** A service finishes and commits what is in flight. */
const serviceStopMsMax = 15_000;
const demoStopMsMax = 5_000;

export function componentPlan(component: Component, launch: Launch, ports: Ports, dataDir: string): ProcessPlan {
  return {
    ...named(component.name, `${component.name}-1`, dataDir),
    kind: 'infrastructure',
    command: launch.command,
    parameters: launch.parameters,
    environment: { ...inheritedEnvironment(), ...launch.environment },
    workingFolder: join(dataDir, component.name),
    url: component.address(ports),
    ports,
    isReady: (signal) => component.isReady(ports, signal),
    stopSignal: launch.stopSignal ?? 'SIGTERM',
    stopMsMax: infrastructureStopMsMax,
  };
}

interface ServiceInstance {
  readonly name: string;
  readonly instance: string;
  readonly ports: Ports;
}

export function servicePlan(
  { name, instance, ports }: ServiceInstance,
  surroundings: ServiceSurroundings,
  moreVariables: Readonly<Record<string, string>>,
  dataDir: string,
): ProcessPlan {
  const url = `http://${loopback}:${ports[instance]}`;
  const variables = serviceEnvironment(name, instance, surroundings, ports);
  return {
    ...named(name, instance, dataDir),
    kind: 'service',
    command: process.execPath,
    parameters: serviceParameters(name),
    environment: { ...inheritedEnvironment(), ...variables, ...moreVariables },
    workingFolder: root,
    url,
    ports,
    isReady: (signal) => httpAnswers(`${url}/health/ready`, signal),
    stopSignal: 'SIGTERM',
    stopMsMax: serviceStopMsMax,
  };
}

export function demoPlan({ name, parameters }: DemoProgram, dataDir: string): ProcessPlan {
  return {
    ...named(name, `${name}-1`, dataDir),
    kind: 'demo',
    command: process.execPath,
    parameters,
    environment: inheritedEnvironment(),
    workingFolder: root,
    url: null,
    ports: {},
    isReady: () => Promise.resolve(true),
    stopSignal: 'SIGTERM',
    stopMsMax: demoStopMsMax,
  };
}

function named(name: string, instance: string, dataDir: string): Pick<ProcessPlan, 'name' | 'instance' | 'log'> {
  return { name, instance, log: join(dataDir, 'logs', `${instance}.log`) };
}

const inherited = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'];

/** A service refuses MILLRACE_ variables that are not its own, so nothing but the usual ones is passed on. */
function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(inherited.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
