/** The sessions of one process, one after the other, and what the present one shows of itself. Pure. */
import type { Join, Member, Renew } from './lease-store.ts';
import type { MachineParts } from './machine-parts.ts';
import { Session } from './session.ts';

export class Membership {
  readonly #parts: MachineParts;
  #session: Session;
  /** It is over, and may still be in the store. */
  #predecessor: string | undefined;
  #sinceMs: number;
  #retiring = false;
  /** As somebody wanted it; it outlives the session, and what the store remembers. */
  #drainWanted = false;
  #shown: Member | undefined;
  /** Sessions whose leases are of another length: told once. */
  readonly #different = new Set<string>();

  constructor(parts: MachineParts) {
    this.#parts = parts;
    this.#session = new Session(parts.token(), parts.options);
    this.#sinceMs = parts.clock.nowMs();
  }

  get session(): Session {
    return this.#session;
  }

  get draining(): boolean {
    return this.#retiring || this.#drainWanted;
  }

  retire(): void {
    this.#retiring = true;
  }

  drain(wanted: boolean): void {
    if (wanted === this.#drainWanted) return;
    this.#drainWanted = wanted;
    this.#parts.events.drainChanged({ instance: this.#parts.instance, draining: wanted });
  }

  join(keys: readonly string[]): Join {
    return { kind: 'join', member: this.#show(), replaces: this.#predecessor, keys };
  }

  renew(): Renew {
    return { kind: 'renew', member: this.#show() };
  }

  joined(memory: string, keys: number, refused: number): void {
    const { events, instance } = this.#parts;
    this.#session.joined(memory);
    this.#predecessor = undefined;
    if (refused > 0) events.adoptionRefused({ instance, keys: refused });
    events.sessionJoined({ instance, session: this.#session.token, keys: keys - refused });
  }

  left(): void {
    this.#parts.events.sessionLeft({ instance: this.#parts.instance, session: this.#session.token });
  }

  /** Its lease is over by the clock; another session begins, with nothing but what the store still has of this one. */
  end(nowMs: number, held: number): void {
    const { events, instance } = this.#parts;
    const { token, validUntilMs } = this.#session;
    events.leaseLost({ instance, session: token, held, lateMs: Math.round(nowMs - validUntilMs) });
    this.#succeed();
  }

  /** As `end`, because the store has buried it. */
  declaredDead(held: number): void {
    this.#parts.events.sessionDeclaredDead({ instance: this.#parts.instance, session: this.#session.token, held });
    this.#succeed();
  }

  /** An observer waits for the longest ttl that it has seen, and cannot know of a longer one. */
  compare(members: ReadonlyMap<string, Member>): void {
    const { events, options } = this.#parts;
    for (const [session, { instance, ttlMs }] of members) {
      if (ttlMs === options.ttlMs || this.#different.has(session)) continue;
      this.#different.add(session);
      events.timesDiffer({ instance, ttlMs, ownTtlMs: options.ttlMs });
    }
  }

  /** It has to be shown again. */
  get hasChanged(): boolean {
    const { connectionsMax, accepting } = this.#parts.capacity();
    const shown = this.#shown;
    return (
      shown?.connectionsMax !== connectionsMax || shown.accepting !== accepting || shown.draining !== this.draining
    );
  }

  #show(): Member {
    const { instance, url, options, capacity } = this.#parts;
    const { connectionsMax, accepting } = capacity();
    const { draining } = this;
    const { ttlMs } = options;
    this.#shown = { instance, url, ttlMs, sinceMs: this.#sinceMs, connectionsMax, accepting, draining };
    return this.#shown;
  }

  #succeed(): void {
    this.#predecessor = this.#session.token;
    this.#session = new Session(this.#parts.token(), this.#parts.options);
    this.#sinceMs = this.#parts.clock.nowMs();
  }
}
