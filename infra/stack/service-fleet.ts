/** The services of a stack: how many instances of each there are, and what each of them must know of the others. */
import { type AddressName } from './addresses.ts';
import { type PortBook } from './port-book.ts';
import { loopback } from './ports.ts';
import { type ProcessPlan } from './process-plan.ts';
import { servicePlan } from './process-plans.ts';
import { servicePortNames } from './service-launch.ts';
import { type Supervisor } from './supervisor.ts';
import { UserError } from './user-error.ts';

export interface ServiceOptions {
  readonly configDir: string;
  /** More variables, by the name of a service, and of an instance for that one alone. */
  readonly environment?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Service → number of instances. */
export type InstanceCounts = Readonly<Record<string, number>>;

interface FleetSurroundings {
  readonly dataDir: string;
  readonly secretKey: string;
  readonly adminKey: string;
  readonly address: (name: AddressName) => string;
  readonly ports: Pick<PortBook, 'choose' | 'of' | 'some'>;
  readonly supervisor: FleetSupervisor;
}

/** The part of a supervisor that changes what runs. */
export interface FleetSupervisor extends Pick<Supervisor, 'has' | 'remove' | 'replace' | 'ready'> {
  start(plan: ProcessPlan): unknown;
  find(instance: string): { readonly plan: ProcessPlan };
}

/** More than a topic has partitions find no work, and each is a process of 100 MB. */
const instancesMax = 12;

export class ServiceFleet {
  readonly #around: FleetSurroundings;
  readonly #counts = new Map<string, number>();
  #options: ServiceOptions | undefined;
  #scaling = false;

  constructor(around: FleetSurroundings) {
    this.#around = around;
  }

  /** A name twice means two instances. They are ready when the supervisor says so. */
  async start(names: readonly string[], options: ServiceOptions, signal?: AbortSignal): Promise<void> {
    this.#options = options;
    for (const name of names) this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    await this.#startMissing(signal);
  }

  /**
   * Resolves when each of these services has that many instances and all are ready. New ones take their share before those
   * too many end, the youngest first, with what they have in flight finished. A service that knows the others by its
   * variables, as the api does for the accounting, is started anew. Throws a UserError for what cannot be.
   */
  async scale(
    wanted: InstanceCounts,
    readyMsMax: number,
    report: (text: string) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const { supervisor } = this.#around;
    this.#refuse(wanted);
    this.#scaling = true;
    try {
      const surplus = this.#surplus(wanted);
      for (const [name, count] of Object.entries(wanted)) this.#counts.set(name, count);
      const started = await this.#startMissing(signal);
      if (started.length > 0) report(`starting ${started.join(', ')}`);
      await supervisor.ready(readyMsMax, signal);
      if (surplus.length > 0) report(`stopping ${surplus.join(', ')}`);
      await Promise.all(surplus.map((instance) => supervisor.remove(instance)));
      await this.#renewChanged(report);
      await supervisor.ready(readyMsMax, signal);
    } finally {
      this.#scaling = false;
    }
  }

  #refuse(wanted: InstanceCounts): void {
    if (this.#scaling)
      throw new UserError('The services are being scaled at this moment; try again when that is done.');
    for (const [name, count] of Object.entries(wanted)) {
      if (!this.#counts.has(name)) {
        const known = [...this.#counts.keys()].join(', ');
        throw new UserError(`There is no service ${name} in this stack; there are ${known}.`, { exitCode: 2 });
      }
      if (!Number.isInteger(count) || count < 1 || count > instancesMax)
        throw new UserError(`${name} can have 1 to ${instancesMax} instances, not ${count}.`, { exitCode: 2 });
    }
  }

  #surplus(wanted: InstanceCounts): string[] {
    return this.#instances()
      .filter(({ name, number }) => number > (wanted[name] ?? Number.POSITIVE_INFINITY))
      .map(({ instance }) => instance)
      .filter((instance) => this.#around.supervisor.has(instance));
  }

  async #startMissing(signal?: AbortSignal): Promise<string[]> {
    const { ports, supervisor } = this.#around;
    const missing = this.#instances().filter(({ instance }) => !supervisor.has(instance));
    await ports.choose(missing.flatMap(({ name, instance }) => servicePortNames(name, instance)));
    signal?.throwIfAborted();
    for (const { name, instance } of missing) supervisor.start(this.#plan(name, instance));
    return missing.map(({ instance }) => instance);
  }

  /** Those whose variables are no longer what they were started with. */
  async #renewChanged(report: (text: string) => void): Promise<void> {
    const { supervisor } = this.#around;
    for (const { name, instance } of this.#instances()) {
      const plan = this.#plan(name, instance);
      if (sameEnvironment(supervisor.find(instance).plan, plan)) continue;
      report(`starting ${instance} anew`);
      await supervisor.replace(plan);
    }
  }

  #plan(name: string, instance: string): ProcessPlan {
    const { dataDir, secretKey, adminKey, address, ports } = this.#around;
    const { configDir, environment } = this.#options!;
    const services = this.#instances().map((one) => ({
      name: one.name,
      url: `http://${loopback}:${ports.of(one.instance)}`,
    }));
    const surroundings = { address, secretKey, adminKey, configDir, services };
    const own = { name, instance, ports: ports.some(servicePortNames(name, instance)) };
    return servicePlan(own, surroundings, { ...environment?.[name], ...environment?.[instance] }, dataDir);
  }

  #instances(): { readonly name: string; readonly number: number; readonly instance: string }[] {
    return [...this.#counts].flatMap(([name, count]) =>
      Array.from({ length: count }, (_, index) => ({ name, number: index + 1, instance: `${name}-${index + 1}` })),
    );
  }
}

function sameEnvironment({ environment: one }: ProcessPlan, { environment: other }: ProcessPlan): boolean {
  const names = Object.keys({ ...one, ...other });
  return names.every((name) => one[name] === other[name]);
}
