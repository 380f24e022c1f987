/** How many keys each session has and will have when the wanted moves are done, and who is next to get one. The scripts of the store say the same. */
import type { Member, StoreContent } from './lease-store.ts';

interface Load {
  has: number;
  leaving: number;
  coming: number;
}

const none: Readonly<Load> = { has: 0, leaving: 0, coming: 0 };

export class Loads {
  readonly #members: ReadonlyMap<string, Member>;
  readonly #loads = new Map<string, Load>();

  constructor({ members, owners, moves }: Pick<StoreContent, 'members' | 'owners' | 'moves'>) {
    this.#members = members;
    for (const [key, owner] of owners) {
      this.#of(owner).has += 1;
      const to = moves.get(key);
      if (to !== undefined) this.move(owner, to);
    }
  }

  has(session: string): number {
    return (this.#loads.get(session) ?? none).has;
  }

  /** When all wanted moves are done. */
  soon(session: string): number {
    const { has, leaving, coming } = this.#loads.get(session) ?? none;
    return has - leaving + coming;
  }

  /** What is on its way to it has its place already. */
  hasRoom(session: string): boolean {
    const member = this.#members.get(session);
    const { has, coming } = this.#loads.get(session) ?? none;
    return !!member && member.accepting && !member.draining && has + coming < member.connectionsMax;
  }

  /** The one with room that will have the fewest; ties by the instance's name. */
  least(candidates: Iterable<string>, except?: string): string | undefined {
    let best: string | undefined;
    for (const one of candidates) {
      if (one === except || !this.hasRoom(one)) continue;
      if (best === undefined || this.#compare(one, best) < 0) best = one;
    }
    return best;
  }

  /**
   * The first should give one to the second: it has at least two more, and among all either more than an even share or the most. So several
   * give at the same time, and none gives what it would get back.
   */
  isUneven(from: string, to: string, among: readonly string[]): boolean {
    const soon = this.soon(from);
    if (soon - this.soon(to) < 2) return false;
    let [sum, most] = [0, 0];
    for (const one of among) {
      sum += this.soon(one);
      most = Math.max(most, this.soon(one));
    }
    return soon >= most || soon > Math.ceil(sum / among.length);
  }

  /** A key was given to it. */
  place(session: string): void {
    this.#of(session).has += 1;
  }

  /** A move is wanted. */
  move(from: string, to: string): void {
    this.#of(from).leaving += 1;
    this.#of(to).coming += 1;
  }

  /** A wanted move is done, or no longer wanted. */
  forgetMove(from: string, to: string): void {
    this.#of(from).leaving -= 1;
    this.#of(to).coming -= 1;
  }

  /** One key of it is another's, or nobody's. */
  take(session: string): void {
    this.#of(session).has -= 1;
  }

  #compare(one: string, other: string): number {
    const difference = this.soon(one) - this.soon(other);
    if (difference !== 0) return difference;
    const [a, b] = [this.#members.get(one)?.instance ?? '', this.#members.get(other)?.instance ?? ''];
    if (a !== b) return a < b ? -1 : 1;
    return one < other ? -1 : 1;
  }

  #of(session: string): Load {
    let load = this.#loads.get(session);
    if (!load) this.#loads.set(session, (load = { has: 0, leaving: 0, coming: 0 }));
    return load;
  }
}
