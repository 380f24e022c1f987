/**
 * A stack: components and services with a data folder and ports of their own, supervised in this process.
 *
 *     const stack = await startStack({ dataDir, components: ['kafka', 'registry'] });
 *     await stack.startServices(['parser', 'parser'], { configDir });
 *     await stack.ready();
 *     await stack.scale({ parser: 3 });
 *     await stack.kill('kafka');       // it comes back by itself
 *     await stack.ready();
 *     await stack.stop();
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { addressesOf, type AddressName, type Addresses } from './addresses.ts';
import { type Tuning } from './component.ts';
import { componentNames, components, type ComponentName } from './components/index.ts';
import { tryLock, type FileLock } from './file-lock.ts';
import { stopLeftovers } from './leftovers.ts';
import { limitLog, logCheckMs } from './log-limit.ts';
import { PortBook } from './port-book.ts';
import { identityOf, type ProcessIdentity } from './process-identity.ts';
import { type ProcessStatus } from './process-plan.ts';
import { componentPlan, demoPlan, type DemoProgram } from './process-plans.ts';
import { adminKeyIn } from './admin-key.ts';
import { secretKeyIn } from './secret-key.ts';
import { ServiceFleet, type InstanceCounts, type ServiceOptions } from './service-fleet.ts';
import { readState, writeState, type Demo, type StackPhase } from './state-file.ts';
import { Supervisor } from './supervisor.ts';
import { Toolchain } from './toolchain/toolchain.ts';
import { UserError } from './user-error.ts';
import { version } from './version.ts';

export interface StackOptions {
  /** Kept when the stack stops. A second stack in the same folder is refused; what a killed one left running is ended. */
  readonly dataDir: string;
  /** All unless given. */
  readonly components?: readonly ComponentName[];
  /** Instead of a component's own address, for a stack without it or with something in between. */
  readonly addresses?: Addresses;
  readonly tuning?: Tuning;
  /** Ports from here on in a fixed order, a taken one is an error; without it free ones are chosen. */
  readonly portBase?: number | undefined;
  /** Where to begin to look for free ports; random unless given. */
  readonly portsFrom?: number;
  /** What goes on, for a person who waits. */
  readonly report?: (text: string) => void;
}

/** Until the state file is tried again on a full disk. */
const rewriteMs = 1_000;

/** Three JVMs at once on a slow machine. */
const readyMsMax = 120_000;

/** Resolves when all its components are ready; when that fails nothing is left running. */
export async function startStack(options: StackOptions, signal?: AbortSignal): Promise<Stack> {
  const dataDir = resolve(options.dataDir);
  mkdirSync(join(dataDir, 'logs'), { recursive: true, mode: 0o700 });
  const lock = tryLock(join(dataDir, 'stack.lock'));
  if (!lock)
    throw new UserError(`A stack runs in ${dataDir} already; ./millrace status shows it, ./millrace down ends it.`);
  const stack = new Stack({ ...options, dataDir }, lock);
  try {
    await stack.startComponents(signal);
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

export class Stack {
  readonly dataDir: string;
  /** MILLRACE_SECRET_KEY of its services. */
  readonly secretKey: string;
  /** MILLRACE_ADMIN_KEY of its api. */
  readonly adminKey: string;
  readonly #options: StackOptions;
  readonly #lock: FileLock;
  readonly #ports: PortBook;
  readonly #supervisor = new Supervisor();
  readonly #services: ServiceFleet;
  readonly #self: ProcessIdentity;
  readonly #logTimer: NodeJS.Timeout;
  #demo: Demo = { tenants: [] };
  #complete = false;
  #phase: StackPhase = 'starting';
  #rewriting: NodeJS.Timeout | undefined;

  /** Use `startStack`. */
  constructor(options: StackOptions, lock: FileLock) {
    this.dataDir = options.dataDir;
    this.secretKey = secretKeyIn(options.dataDir);
    this.adminKey = adminKeyIn(options.dataDir);
    this.#options = options;
    this.#lock = lock;
    this.#ports = new PortBook(options.dataDir, options);
    this.#services = new ServiceFleet({
      dataDir: this.dataDir,
      secretKey: this.secretKey,
      adminKey: this.adminKey,
      address: (name) => this.address(name),
      ports: this.#ports,
      supervisor: this.#supervisor,
    });
    this.#self = identityOf(process.pid)!;
    this.#supervisor.onChange(() => this.#changed());
    this.#logTimer = setInterval(() => this.processes.forEach(({ log }) => limitLog(log)), logCheckMs).unref();
  }

  /** Components in their usual order, then services and what else was started, instances of a service together. */
  get processes(): readonly ProcessStatus[] {
    const { statuses } = this.#supervisor;
    const rank = ({ kind, name }: ProcessStatus): number =>
      kind === 'infrastructure'
        ? componentNames.indexOf(name as ComponentName)
        : componentNames.length + statuses.findIndex((one) => one.name === name);
    return statuses.toSorted((one, other) => rank(one) - rank(other));
  }

  /** What clients of a component connect to, a password included; throws for one that is not part of the stack. */
  address(name: AddressName): string {
    const names = this.#options.components ?? componentNames;
    const address = this.#options.addresses?.[name] ?? addressesOf(names, this.#ports.all, this.dataDir)[name];
    if (address === undefined) throw new Error(`This stack has no ${name}.`);
    return address;
  }

  /** A port by its name, for example `gateway-1-ingest`. */
  port(name: string): number {
    return this.#ports.of(name);
  }

  /** Shown by `status` from now on; the demo fleet reads its credentials there. */
  set demo(demo: Demo) {
    this.#demo = demo;
    this.#changed();
  }

  async startComponents(signal?: AbortSignal): Promise<void> {
    const before = readState(this.dataDir);
    if (before && (await stopLeftovers(before)) > 0) this.#report('ended what a killed run had left');
    const names = this.#options.components ?? componentNames;
    await this.#ports.choose(names.flatMap((name) => components[name].portNames));
    const toolchain = new Toolchain({ report: (text) => this.#report(text), signal });
    const started = await Promise.allSettled(names.map((name) => this.#startComponent(name, toolchain, signal)));
    const failed = started.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    await this.#supervisor.ready(readyMsMax, signal);
  }

  /** Starts services, a name twice means two instances; `ready` tells when they are. They must have been built. */
  async startServices(names: readonly string[], options: ServiceOptions, signal?: AbortSignal): Promise<void> {
    await this.#services.start(names, options, signal);
  }

  /** Changes how many instances of services there are; see ServiceFleet. */
  async scale(wanted: InstanceCounts, report: (text: string) => void = () => {}, signal?: AbortSignal): Promise<void> {
    await this.#services.scale(wanted, readyMsMax, report, signal);
  }

  /** Takes free ports for what is started later; `port` tells them. */
  async choosePorts(names: readonly string[]): Promise<void> {
    await this.#ports.choose(names);
  }

  /** Starts a Node program that plays the outside world: it is not probed, and ended first. */
  startDemo(program: DemoProgram): void {
    this.#supervisor.start(demoPlan(program, this.dataDir));
  }

  /**
   * Resolves when all processes are ready; a UserError says which are not, and why. From then on `status` calls the stack
   * ready as well: before, more may be about to be started.
   */
  async ready(signal?: AbortSignal, limitMs: number = readyMsMax): Promise<void> {
    await this.#supervisor.ready(limitMs, signal);
    this.#complete = true;
    this.#changed();
  }

  /** SIGKILL to a process by name or instance; resolves when it is gone. It comes back by itself: see `ready`. */
  async kill(name: string): Promise<void> {
    await this.#supervisor.find(name).kill();
  }

  /** Sends a signal to a process and its children: SIGSTOP freezes it, SIGCONT thaws it. */
  signal(name: string, signal: NodeJS.Signals): void {
    if (!this.#supervisor.find(name).signal(signal)) throw new Error(`${name} does not run at this moment.`);
  }

  /** Ends everything: demo, services, infrastructure. `at once`: as a crash would, for a stack whose data nobody wants. */
  async stop(how: 'in order' | 'at once' = 'in order'): Promise<void> {
    this.#phase = 'stopping';
    this.#changed();
    await (how === 'at once' ? this.#supervisor.kill() : this.#supervisor.stop());
    clearInterval(this.#logTimer);
    this.#ports.release();
    this.#phase = 'stopped';
    this.#changed();
    this.#lock.release();
  }

  async #startComponent(name: ComponentName, toolchain: Toolchain, signal?: AbortSignal): Promise<void> {
    const component = components[name];
    const folder = join(this.dataDir, name);
    mkdirSync(folder, { recursive: true });
    const ports = this.#ports.some(component.portNames);
    const tuning = this.#options.tuning ?? 'quick start';
    const launch = await component.prepare({ folder, ports, tuning }, toolchain, signal);
    signal?.throwIfAborted();
    this.#supervisor.start(componentPlan(component, launch, ports, this.dataDir));
  }

  #changed(): void {
    const processes = this.processes;
    const late = processes.filter(({ ready }) => !ready).map(({ instance }) => instance);
    if (this.#phase === 'starting' || this.#phase === 'ready') {
      this.#phase = this.#complete && late.length === 0 ? 'ready' : 'starting';
      if (late.length > 0) this.#report(`waiting for ${late.join(', ')}`);
    }
    this.#writeState();
  }

  /** A full disk must not end the supervisor: the file is behind until there is room again. */
  #writeState(): void {
    clearTimeout(this.#rewriting);
    try {
      writeState({
        version,
        state: this.#phase,
        dataDir: this.dataDir,
        processes: this.processes,
        demo: this.#demo,
        supervisor: this.#self,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      this.#report(`the disk of ${this.dataDir} is full; make room, and everything goes on by itself`);
      this.#rewriting = setTimeout(() => this.#writeState(), rewriteMs).unref();
    }
  }

  #report(text: string): void {
    this.#options.report?.(text);
  }
}
