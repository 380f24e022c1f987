/**
 * The keys of one session and how far each is: given to it and waiting for its start, held, being closed by the holder, closed, and
 * handed over without an answer yet. Pure.
 */
import type { StoreContent } from './lease-store.ts';

type Phase = 'waiting' | 'held' | 'closing' | 'closed' | 'handing';

/** What the holder has; the same object as long as it has it. */
export interface Held {
  readonly key: string;
  readonly session: string;
}

interface Holding {
  phase: Phase;
  /** It exists no longer: since when. */
  unwantedSinceMs: number | undefined;
}

export class Holdings {
  readonly #keys = new Map<string, Holding>();
  readonly #held = new Map<string, Held>();
  readonly #waiting = new Set<string>();
  readonly #settles = new Map<string, () => void>();
  #version = 0;

  get held(): ReadonlyMap<string, Held> {
    return this.#held;
  }

  /** Counts the changes of what is held. */
  get version(): number {
    return this.#version;
  }

  get waiting(): ReadonlySet<string> {
    return this.#waiting;
  }

  /** On their way out. */
  get leaving(): number {
    return this.#keys.size - this.#held.size - this.#waiting.size;
  }

  /** The holder has to close them, or never had them. */
  get closing(): string[] {
    return [...this.#keys].filter(([, { phase }]) => phase === 'closing').map(([key]) => key);
  }

  /** For a memory that does not know the session: all but those that another one may have by now. */
  own(): string[] {
    return [...this.#keys].filter(([, { phase }]) => phase !== 'handing').map(([key]) => key);
  }

  /** What may be moved: first what is not even begun. */
  movable(limit: number): string[] {
    return [...this.#waiting, ...this.#held.keys()].slice(0, Math.max(0, limit));
  }

  /**
   * What the store says now. Only for an answer that was asked for after all changes of this session were answered, or given up. Returns
   * how many keys the session should have and has not: none, as long as it is valid.
   */
  see({ owners, moves }: StoreContent, session: string): number {
    for (const [key, owner] of owners) {
      if (owner !== session) continue;
      const holding = this.#keys.get(key);
      const to = moves.get(key);
      if (!holding) this.#enter(key, { phase: 'waiting', unwantedSinceMs: undefined });
      if (to !== undefined && to !== session) this.#leave(key);
    }
    let taken = 0;
    for (const [key, { phase }] of this.#keys) {
      if (owners.get(key) === session) continue;
      if (phase !== 'handing') taken += 1;
      this.remove(key);
    }
    return taken;
  }

  /** Which keys exist; one that is not known here for as long as `patienceMs` is given back: configuration may be on its way. */
  want(keys: ReadonlySet<string>, nowMs: number, patienceMs: number): void {
    for (const [key, holding] of this.#keys) {
      if (keys.has(key)) holding.unwantedSinceMs = undefined;
      else {
        holding.unwantedSinceMs ??= nowMs;
        if (holding.phase === 'held' || nowMs - holding.unwantedSinceMs >= patienceMs) this.#leave(key);
      }
    }
  }

  /** The holder may begin. */
  begin(key: string, session: string): void {
    const holding = this.#keys.get(key)!;
    holding.phase = 'held';
    this.#waiting.delete(key);
    this.#held.set(key, { key, session });
    this.#version += 1;
  }

  isWanted(key: string): boolean {
    return this.#keys.get(key)?.unwantedSinceMs === undefined;
  }

  /** The holder has closed it; `settle` is called when it is somebody else's, or has to be opened again. */
  finished(key: string, settle: () => void): void {
    const holding = this.#keys.get(key);
    if (holding?.phase === 'closing') holding.phase = 'closed';
    if (holding?.phase !== 'closed' && holding?.phase !== 'handing') return settle();
    const before = this.#settles.get(key);
    this.#settles.set(key, before ? () => (before(), settle()) : settle);
  }

  /** What can be handed over; from now on it may be another's. */
  handOver(): { keys: string[]; drop: string[] } | undefined {
    if (this.leaving === 0) return undefined;
    const keys: string[] = [];
    const drop: string[] = [];
    for (const [key, holding] of this.#keys) {
      if (holding.phase !== 'closed' && holding.phase !== 'handing') continue;
      holding.phase = 'handing';
      (holding.unwantedSinceMs === undefined ? keys : drop).push(key);
    }
    return keys.length + drop.length > 0 ? { keys, drop } : undefined;
  }

  /** Answered: `kept` stay with the session and begin anew. */
  handedOver(gone: readonly string[], kept: ReadonlySet<string>): void {
    for (const key of gone) {
      this.remove(key);
      if (kept.has(key)) this.#enter(key, { phase: 'waiting', unwantedSinceMs: undefined });
    }
  }

  /** The memory that was asked to hand them over is lost: who has them will say so. */
  forgetHanding(): void {
    for (const [key, { phase }] of this.#keys) if (phase === 'handing') this.remove(key);
  }

  remove(key: string): void {
    if (this.#held.delete(key)) this.#version += 1;
    this.#waiting.delete(key);
    this.#keys.delete(key);
    this.#settles.get(key)?.();
    this.#settles.delete(key);
  }

  clear(): void {
    for (const key of this.#keys.keys()) this.remove(key);
  }

  #enter(key: string, holding: Holding): void {
    this.#keys.set(key, holding);
    this.#waiting.add(key);
  }

  #leave(key: string): void {
    const holding = this.#keys.get(key)!;
    if (holding.phase === 'waiting') {
      holding.phase = 'closed';
      this.#waiting.delete(key);
    } else if (holding.phase === 'held') {
      holding.phase = 'closing';
      this.#held.delete(key);
      this.#version += 1;
    }
  }
}
