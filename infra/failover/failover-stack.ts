/** Client managers as processes of their own, each behind doors to Redis and Kafka; with a parser, two brokers and devices that send. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccountingReport } from '@millrace/observe';
import { writeConfiguration } from '../configure/written-configuration.ts';
import { until } from '../stack/until.ts';
import { type Stack, startStack } from '../stack/index.ts';
import { AedesBroker } from './aedes-broker.ts';
import { ClientManagers } from './client-managers.ts';
import { Door } from './door.ts';
import { KafkaDoor } from './kafka-door.ts';
import { connectionsOf, filesOf, type PlantConnection, publishFolder, tenant } from './failover-plant.ts';
import { StreamWitness } from './stream-witness.ts';

const service = 'client-manager';
const answerMsMax = 5_000;
const creationsAtOnce = 8;

export interface FailoverOptions {
  /** Client managers at the start; one more may join. */
  readonly instances: number;
  /** Half of them to each broker; one device each. */
  readonly connections: number;
  readonly leaseTtlMs: number;
  readonly startsPerSecond: number;
  readonly signal: AbortSignal;
  readonly report: (text: string) => void;
}

/** What stands between an instance and the rest. */
export interface Doors {
  readonly redis: Door;
  readonly kafka: KafkaDoor;
}

export class FailoverStack {
  readonly stack: Stack;
  readonly managers: ClientManagers;
  readonly witness: StreamWitness;
  readonly connections: readonly PlantConnection[];
  readonly leaseTtlMs: number;
  readonly #doors: ReadonlyMap<string, Doors>;
  readonly #aedes: AedesBroker;

  private constructor(
    { leaseTtlMs }: FailoverOptions,
    parts: Pick<FailoverStack, 'stack' | 'witness' | 'connections'>,
    doors: ReadonlyMap<string, Doors>,
    aedes: AedesBroker,
  ) {
    this.stack = parts.stack;
    this.witness = parts.witness;
    this.connections = parts.connections;
    this.managers = new ClientManagers(parts.stack, tenant);
    this.leaseTtlMs = leaseTtlMs;
    this.#doors = doors;
    this.#aedes = aedes;
  }

  /** Without connections yet; when that fails nothing is left running. */
  static async start(options: FailoverOptions): Promise<FailoverStack> {
    const { instances, leaseTtlMs, startsPerSecond, signal, report } = options;
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-failover-'));
    const stack = await startStack(
      { dataDir, components: ['kafka', 'registry', 'redis', 'mosquitto'], report },
      signal,
    );
    const aedes = await AedesBroker.start();
    const doors = await doorsOf(stack, instances + 1);
    try {
      const connections = connectionsOf(options.connections, stack.address('mosquitto'), aedes.url);
      const configDir = writeConfiguration(join(dataDir, 'config'), filesOf(connections));
      const common = {
        MILLRACE_LEASE_TTL_MS: String(leaseTtlMs),
        MILLRACE_CONNECTION_STARTS_PER_SECOND: String(startsPerSecond),
        MILLRACE_CONNECTIONS_MAX: String(options.connections),
      };
      const behindDoors = [...doors].map(([instance, { redis, kafka }]) => [
        instance,
        {
          MILLRACE_REDIS_URL: `redis://127.0.0.1:${redis.port}`,
          MILLRACE_KAFKA_BROKERS: `127.0.0.1:${kafka.port}`,
        },
      ]);
      const environment = { [service]: common, ...Object.fromEntries(behindDoors) };
      const services = [...Array.from({ length: instances }, () => service), 'parser'];
      await stack.startServices(services, { configDir, environment }, signal);
      await stack.ready(signal);
      await publishFolder(stack, configDir, signal);
      const witness = await StreamWitness.start(stack, signal);
      return new FailoverStack(options, { stack, witness, connections }, doors, aedes);
    } catch (error) {
      for (const { redis, kafka } of doors.values()) [redis, kafka].forEach((door) => door.close());
      await aedes.close();
      await stack.stop('at once');
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.witness.stop();
    await this.stack.stop('at once');
    for (const { redis, kafka } of this.#doors.values()) [redis, kafka].forEach((door) => door.close());
    await this.#aedes.close();
    rmSync(this.stack.dataDir, { recursive: true, force: true });
  }

  /** Creates its connections, through each instance by turns; resolves with how long each took, in milliseconds. */
  async createAll(signal: AbortSignal): Promise<readonly number[]> {
    const { instances } = this;
    const tookMs: number[] = [];
    const wanted = this.connections.entries();
    const createSome = async (): Promise<void> => {
      for (const [index, { body }] of wanted) {
        signal.throwIfAborted();
        const startedMs = performance.now();
        await this.managers.create(instances[index % instances.length]!, body);
        tookMs.push(performance.now() - startedMs);
      }
    };
    await Promise.all(Array.from({ length: creationsAtOnce }, createSome));
    return tookMs;
  }

  /** Of a client manager by name; also before it runs. */
  doors(instance: string): Doors {
    return this.#doors.get(instance)!;
  }

  /** The client managers that there shall be, in the order of their numbers. */
  get instances(): readonly string[] {
    return this.stack.processes.filter(({ name }) => name === service).map(({ instance }) => instance);
  }

  async scale(count: number): Promise<void> {
    await this.stack.scale({ [service]: count });
  }

  /** Messages that the parser has refused as those of a former owner; more than there are when it read some twice. */
  async staleRejected(): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${this.stack.port('parser-1')}/v1/accounting`, {
      signal: AbortSignal.timeout(answerMsMax),
    });
    const { hops } = (await response.json()) as AccountingReport;
    return hops.reduce((sum, { rejected }) => sum + (rejected['stale_owner'] ?? 0), 0);
  }

  /** By key; from the first instance that answers, without `except`. */
  async owners(except?: string): Promise<ReadonlyMap<string, string | null>> {
    for (const instance of this.instances.filter((one) => one !== except)) {
      const views = await this.managers.connections(instance).catch(() => undefined);
      if (views) return new Map(views.map((view) => [`${tenant}/${view.connectionId}`, view.instance]));
    }
    throw new Error('No client manager answers.');
  }

  /**
   * Every connection is connected, all instances name the same owner of each, every instance is known to all, and loads differ by at
   * most one. The text says what is missing.
   */
  async unsettled(): Promise<string | undefined> {
    const { instances } = this;
    const seen = await Promise.all(
      instances.map(async (instance) => ({
        known: await this.managers.instances(instance),
        views: await this.managers.connections(instance),
      })),
    );
    for (const [index, { known, views }] of seen.entries()) {
      if (known.length !== instances.length) return `${instances[index]} knows ${known.length} instances`;
      const loads = known.map(({ load }) => load);
      const spread = Math.max(...loads) - Math.min(...loads);
      if (spread > 1) return `the loads are ${loads.join(', ')}`;
      if (views.length !== this.connections.length) return `${instances[index]} knows ${views.length} connections`;
      const late = views.filter(({ state }) => state !== 'connected');
      if (late.length > 0) return `${late.length} connections are not connected: ${late[0]!.state}`;
    }
    const owners = new Set(
      seen.map(({ views }) => views.map(({ connectionId, instance }) => `${connectionId} ${instance}`).join()),
    );
    return owners.size === 1 ? undefined : 'the instances name different owners';
  }

  /** Throws with what is missing. */
  async settled(limitMs: number, signal: AbortSignal): Promise<void> {
    let missing: string | undefined = 'no client manager answers';
    const isSettled = async (): Promise<boolean> => (missing = await this.unsettled()) === undefined;
    if (!(await until(isSettled, limitMs, signal, 100))) throw new Error(`It does not settle: ${missing}.`);
  }
}

async function doorsOf(stack: Stack, count: number): Promise<ReadonlyMap<string, Doors>> {
  const names = Array.from({ length: count }, (_, index) => `${service}-${index + 1}`);
  const made = names.map(async (name): Promise<[string, Doors]> => {
    const doors = { redis: new Door(stack.port('redis')), kafka: new KafkaDoor(stack.port('kafka')) };
    await Promise.all([doors.redis.listen(), doors.kafka.listen()]);
    return [name, doors];
  });
  return new Map(await Promise.all(made));
}
