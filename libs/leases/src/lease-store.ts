/**
 * What the machine asks of the store, and what it is told. The store remembers who lives and who has which key; it judges nobody and
 * measures no time. Every request is one atomic step there.
 *
 * **Memory.** What the store remembers has a name, a random text. A store that lost any of it (wiped, started again, replaced by its
 * replica) forgets the rest and takes a new name: so what is not in a memory was not in it since it has its name.
 *
 * **Beat.** Every change names the session that asks for it, and counts. A change whose beat is not above the last one of its session
 * is refused: a message that was on its way for long has no effect once a later one had. To others a new beat is a sign of life.
 */

/** An instance as one session of it shows itself; only the session changes it. */
export interface Member {
  readonly instance: string;
  readonly url: string;
  /** Of its leases. */
  readonly ttlMs: number;
  /** Wall clock, ms since 1970: when the session began. For people. */
  readonly sinceMs: number;
  readonly connectionsMax: number;
  readonly accepting: boolean;
  /** Gives away what it has, as long as others have room. */
  readonly draining: boolean;
}

/** Asks for what changed since a version of a memory; the store answers with its newest. */
export interface Look {
  readonly kind: 'look';
  readonly memory: string | undefined;
  readonly version: number;
}

/** The session makes itself known to a memory, with the keys that it has; a key that another one has is refused. */
export interface Join {
  readonly kind: 'join';
  readonly member: Member;
  /** A session of the same process that is over: what it still has in this memory goes to this one, as far as there is room. */
  readonly replaces: string | undefined;
  readonly keys: readonly string[];
}

/** A sign of life. */
export interface Renew {
  readonly kind: 'renew';
  readonly member: Member;
}

/**
 * The session has closed these keys. One with a wanted move goes there if there is room; with a session that drains it goes to the least
 * loaded one. It is kept, and told of in the answer, where neither is so. `drop`: keys that exist no longer.
 */
export interface HandOver {
  readonly kind: 'handOver';
  readonly living: readonly string[];
  readonly keys: readonly string[];
  readonly drop: readonly string[];
}

/**
 * Sessions that are over, each with the last beat that was seen, lose what they have, unless they gave a later one. Then each of the
 * keys without owner goes to the living, accepting session with the fewest, ties by name; without room it is not in use. `forget`: keys
 * not in use that exist no longer.
 */
export interface Place {
  readonly kind: 'place';
  readonly living: readonly string[];
  readonly dead: readonly (readonly [session: string, beat: number])[];
  readonly keys: readonly string[];
  readonly forget: readonly string[];
}

/**
 * Wants some of these keys of the session moved to who has the fewest: as long as it has at least two more, and more than an even share or
 * the most of all; or as long as it drains.
 */
export interface Balance {
  readonly kind: 'balance';
  readonly living: readonly string[];
  readonly keys: readonly string[];
}

/** Wants a key moved to a session. */
export interface Move {
  readonly kind: 'move';
  readonly key: string;
  readonly to: string;
}

/** Wants a session to drain, or no longer. */
export interface Drain {
  readonly kind: 'drain';
  readonly target: string;
  readonly on: boolean;
}

/** The session is over, and nothing of what it had is open. */
export interface Leave {
  readonly kind: 'leave';
}

export type Change = Join | Renew | HandOver | Place | Balance | Move | Drain | Leave;

/** By whom, the how-manieth, and to which memory. */
export interface Signed {
  readonly session: string;
  readonly beat: number;
  readonly memory: string;
}

export type LeaseRequest = Look | (Change & Signed);

/**
 * `lost`: the store has another memory. `unknown`: the session is not in this memory, because it never joined or was declared dead.
 * `stale`: a later beat of the session was there before. The last three are answers to a move. Nothing was changed by any but `done`.
 */
export type ChangeStatus = 'done' | 'lost' | 'unknown' | 'stale' | 'not_in_use' | 'no_such_session' | 'no_room';

export interface ChangeReply {
  readonly kind: 'changed';
  readonly status: ChangeStatus;
  readonly memory: string;
  /** Refused by `join`, kept by `handOver`. */
  readonly keys: readonly string[];
}

export interface LookReply {
  readonly kind: 'seen';
  readonly memory: string;
  readonly version: number;
  /** Last beat by session, of all sessions. */
  readonly beats: ReadonlyMap<string, number>;
  /** Undefined: as in the version that was asked about. */
  readonly content: StoreContent | undefined;
}

export interface StoreContent {
  readonly members: ReadonlyMap<string, Member>;
  /** Keys in use: session by key. */
  readonly owners: ReadonlyMap<string, string>;
  /** Keys that certainly nobody has, for want of room or not placed yet. */
  readonly notInUse: ReadonlySet<string>;
  /** Wanted moves: session by key. */
  readonly moves: ReadonlyMap<string, string>;
  /** Wanted by session. */
  readonly drains: ReadonlyMap<string, boolean>;
}

export type LeaseReply = ChangeReply | LookReply;

export interface LeaseStore {
  /** Rejects with `cache_unavailable` when there is no answer in time; it may then still happen. */
  ask(request: LeaseRequest): Promise<LeaseReply>;
  /** Calls back when something may have changed: a hint to look sooner, which may be lost, late or wrong. */
  onHint(hint: () => void): void;
}
