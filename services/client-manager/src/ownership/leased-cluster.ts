/** The instances of the client manager as their leases show them. */
import type { Clock } from '@millrace/kernel';
import type { InstanceView, Leases } from '@millrace/leases';
import { Cluster, type ClusterInstance, type ClusterView } from '../control/cluster.ts';

/** How often it is looked whether somebody was given a connection. */
const lookMs = 25;

export class LeasedCluster extends Cluster {
  readonly instance: string;
  readonly #leases: Pick<Leases, 'view' | 'move' | 'drain'>;
  readonly #clock: Clock;

  constructor(instance: string, leases: Pick<Leases, 'view' | 'move' | 'drain'>, clock: Clock) {
    super();
    this.instance = instance;
    this.#leases = leases;
    this.#clock = clock;
  }

  override view(): ClusterView {
    const { instances, ownerOf } = this.#leases.view();
    return { instances: instances.map(instanceOf), ownerOf: (key) => ownerOf(key)?.instance };
  }

  override move(key: string, instance: string): Promise<void> {
    return this.#leases.move(key, instance);
  }

  override drain(instance: string, on: boolean): Promise<void> {
    return this.#leases.drain(instance, on);
  }

  override async assigned(key: string, signal: AbortSignal): Promise<string | undefined> {
    for (;;) {
      const owner = this.#leases.view().ownerOf(key)?.instance;
      if (owner !== undefined || signal.aborted) return owner;
      await this.#clock.sleep(lookMs, signal).catch(() => undefined);
    }
  }
}

function instanceOf(view: InstanceView): ClusterInstance {
  const { instance, url, state, accepting, connections: load, connectionsMax: capacity, since } = view;
  return {
    instance,
    url,
    state,
    accepting: accepting && state === 'active',
    load,
    capacity,
    sinceMs: Date.parse(since),
  };
}
