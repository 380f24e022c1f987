/** One instance alone, which has all connections. */
import type { Configuration } from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
import type { Capacity } from './capacity.ts';
import { Cluster, type ClusterView } from './cluster.ts';

export class SoleCluster extends Cluster {
  readonly instance: string;
  readonly #url: string;
  readonly #capacity: Pick<Capacity, 'connectionsMax' | 'accepting'>;
  readonly #configuration: Pick<Configuration, 'connections'>;
  readonly #sinceMs: number;

  constructor(
    instance: string,
    url: string,
    capacity: Pick<Capacity, 'connectionsMax' | 'accepting'>,
    configuration: Pick<Configuration, 'connections'>,
    sinceMs: number,
  ) {
    super();
    this.instance = instance;
    this.#url = url;
    this.#capacity = capacity;
    this.#configuration = configuration;
    this.#sinceMs = sinceMs;
  }

  override view(): ClusterView {
    const { connections } = this.#configuration;
    const { connectionsMax: capacity, accepting } = this.#capacity;
    const load = [...connections.values()].filter(({ enabled }) => enabled).length;
    const { instance } = this;
    return {
      instances: [{ instance, url: this.#url, state: 'active', accepting, load, capacity, sinceMs: this.#sinceMs }],
      ownerOf: (key) => (connections.get(key)?.enabled ? instance : undefined),
    };
  }

  override move(): Promise<void> {
    return Promise.reject(new MillraceError('conflict', 'There is no other instance.'));
  }

  override drain(): Promise<void> {
    return Promise.reject(new MillraceError('conflict', 'The only instance has nobody to give its connections to.'));
  }

  override assigned(key: string): Promise<string | undefined> {
    return Promise.resolve(this.view().ownerOf(key));
  }
}
