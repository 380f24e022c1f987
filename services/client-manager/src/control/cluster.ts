/** The instances of the client manager, and who has which connection. Connections are named by key, `tenant/connectionId`. */

export interface ClusterInstance {
  readonly instance: string;
  /** Where it answers the others, `http://host:port`. */
  readonly url: string;
  /** `active`; `draining`: gives its connections away; `leaving`: ends. */
  readonly state: string;
  /** False: takes no connection now, whatever room it has. */
  readonly accepting: boolean;
  /** Connections that it has, and may have. */
  readonly load: number;
  readonly capacity: number;
  /** UTC milliseconds. */
  readonly sinceMs: number;
}

export interface ClusterView {
  /** Those that are alive, this one included. */
  readonly instances: readonly ClusterInstance[];
  /** Undefined: nobody has it, it is not in use. */
  readonly ownerOf: (key: string) => string | undefined;
}

export abstract class Cluster {
  /** This one. */
  abstract readonly instance: string;

  /** As far as it is known here: it may have changed. */
  abstract view(): ClusterView;

  /** Resolves when the wish is known to all; the connection moves soon after. Throws `conflict` for one that cannot go there. */
  abstract move(key: string, instance: string): Promise<void>;

  /** Lets an instance give its connections away and take none (`on`), or take some again. */
  abstract drain(instance: string, on: boolean): Promise<void>;

  /** The owner of a connection as soon as it has one; undefined: it has none when the signal aborts. */
  abstract assigned(key: string, signal: AbortSignal): Promise<string | undefined>;
}

/** Those that take connections, the least loaded first. */
export function takers({ instances }: ClusterView): readonly ClusterInstance[] {
  return instances
    .filter(({ accepting, load, capacity }) => accepting && load < capacity)
    .toSorted((one, other) => one.load - other.load || (one.instance < other.instance ? -1 : 1));
}
