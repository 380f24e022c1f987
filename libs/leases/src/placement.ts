/** When the store has to be asked to place keys that nobody has, or to move some of ours. Pure. */
import type { Emitter } from '@millrace/observe';
import type { Cluster, Unplaced } from './cluster.ts';
import type { leaseEvents } from './lease-events.ts';
import type { Balance, Place, StoreContent } from './lease-store.ts';

interface Found extends Unplaced {
  readonly in: StoreContent;
  readonly version: number;
}

export class Placement {
  readonly #cluster: Cluster;
  readonly #events: Emitter<typeof leaseEvents>;
  #found: Found | undefined;
  /** Keys that are remembered and do not exist, since when: configuration may be on its way. */
  readonly #superfluous = new Map<string, number>();

  constructor(cluster: Cluster, events: Emitter<typeof leaseEvents>) {
    this.#cluster = cluster;
    this.#events = events;
  }

  /** `keys`: those that exist, in their `version`. Has to be called before the others ask. */
  compare(keys: ReadonlySet<string>, version: number, nowMs: number): void {
    const { content } = this.#cluster;
    if (this.#found?.in === content && this.#found.version === version) return;
    this.#found = { ...this.#cluster.unplaced(keys), in: content, version };
    const superfluous = new Set(this.#found.superfluous);
    for (const key of this.#superfluous.keys()) if (!superfluous.has(key)) this.#superfluous.delete(key);
    for (const key of superfluous) if (!this.#superfluous.has(key)) this.#superfluous.set(key, nowMs);
  }

  /** Undefined: there is nothing to place, or no room for it. */
  place(keys: ReadonlySet<string>, living: readonly string[], self: string, nowMs: number): Place | undefined {
    const { unknown = [], notInUse = [] } = this.#found ?? {};
    const dead = this.#cluster.dead(nowMs, self);
    const free = this.#cluster.isSettled(nowMs) ? unknown : [];
    const forget = this.#toForget(nowMs);
    const hasRoom = notInUse.length > 0 && this.#cluster.loads.least(living) !== undefined;
    if (dead.length + free.length + forget.length === 0 && !hasRoom) return undefined;
    const orphans = dead.length > 0 ? this.#cluster.keysOf(dead.map(([session]) => session)) : [];
    return {
      kind: 'place',
      living,
      dead,
      keys: [...notInUse, ...free, ...orphans.filter((key) => keys.has(key))],
      forget,
    };
  }

  placed({ dead, keys }: Place): void {
    const { content, loads } = this.#cluster;
    for (const [session] of dead) {
      const instance = content.members.get(session)?.instance ?? '';
      this.#events.sessionDied({ instance, session, keys: loads.has(session) });
    }
    if (keys.length > 0) this.#events.keysPlaced({ keys: keys.length });
  }

  /** Undefined: our share is right, or none of `keys` can be moved. */
  balance(keys: readonly string[], living: readonly string[], self: string, draining: boolean): Balance | undefined {
    if (keys.length === 0) return undefined;
    const { loads } = this.#cluster;
    const target = loads.least(living, self);
    if (target === undefined) return undefined;
    return draining || loads.isUneven(self, target, living) ? { kind: 'balance', living, keys } : undefined;
  }

  #toForget(nowMs: number): readonly string[] {
    if (this.#superfluous.size === 0) return [];
    const { patienceMs } = this.#cluster;
    return [...this.#superfluous].filter(([, sinceMs]) => nowMs - sinceMs >= patienceMs).map(([key]) => key);
  }
}
