/** A cluster in the memory of a test: assigns connections as soon as somebody waits for it. */
import { Cluster, type ClusterInstance, type ClusterView, takers } from '../cluster.ts';

interface Member {
  url: string;
  state: string;
  capacity: number;
}

export class MemoryClusters {
  readonly members = new Map<string, Member>();
  readonly owners = new Map<string, string>();

  join(instance: string, url: string, capacity = 100): void {
    this.members.set(instance, { url, state: 'active', capacity });
  }

  /** As the instance of this name sees it. */
  seenBy(instance: string): Cluster {
    return new MemoryCluster(instance, this);
  }

  view(): ClusterView {
    const loads = Map.groupBy(this.owners.values(), (owner) => owner);
    const instances: ClusterInstance[] = [...this.members].map(([instance, { url, state, capacity }]) => ({
      instance,
      url,
      state,
      accepting: state === 'active',
      load: loads.get(instance)?.length ?? 0,
      capacity,
      sinceMs: 0,
    }));
    return { instances, ownerOf: (key) => this.owners.get(key) };
  }
}

class MemoryCluster extends Cluster {
  readonly instance: string;
  readonly #all: MemoryClusters;

  constructor(instance: string, all: MemoryClusters) {
    super();
    this.instance = instance;
    this.#all = all;
  }

  override view(): ClusterView {
    return this.#all.view();
  }

  override move(key: string, instance: string): Promise<void> {
    this.#all.owners.set(key, instance);
    return Promise.resolve();
  }

  override drain(instance: string, on: boolean): Promise<void> {
    this.#all.members.get(instance)!.state = on ? 'draining' : 'active';
    return Promise.resolve();
  }

  override assigned(key: string): Promise<string | undefined> {
    const [least] = takers(this.view());
    if (least && !this.#all.owners.has(key)) this.#all.owners.set(key, least.instance);
    return Promise.resolve(this.#all.owners.get(key));
  }
}
