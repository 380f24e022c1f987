/**
 * What one instance knows of the others: what the store said last, and since when, on the own monotonic clock. Pure; times are handed in and
 * mean when an answer *arrived*, so that what is counted from them is never too short.
 *
 * **Dead** is a session that gave no new beat for its whole ttl: its last renewal was sent before the beat was seen first, so its lease is
 * over. **Settled** is a memory that is known for the longest ttl of anybody: every valid lease was renewed in it meanwhile, and its keys are
 * in it; so nobody has the keys that are not.
 */
import type { Look, LookReply, StoreContent } from './lease-store.ts';
import { Loads } from './loads.ts';

interface Observed {
  readonly beat: number;
  readonly sinceMs: number;
  /** It gave a beat while we looked: not a record of somebody long gone. */
  readonly proven: boolean;
}

/** A third of the ttl passes between beats; who is silent for two thirds is not given anything. */
const silentShareMax = 2 / 3;

export interface Unplaced {
  /** Keys that the memory does not know: nobody has them if it is settled. */
  readonly unknown: readonly string[];
  readonly notInUse: readonly string[];
  /** Not in use, and they exist no longer. */
  readonly superfluous: readonly string[];
}

const nothing: StoreContent = {
  members: new Map(),
  owners: new Map(),
  notInUse: new Set(),
  moves: new Map(),
  drains: new Map(),
};

export class Cluster {
  readonly #observed = new Map<string, Observed>();
  #memory: string | undefined;
  #memorySinceMs = 0;
  #version = 0;
  #content = nothing;
  #loads: Loads | undefined;
  #ttlMsMax: number;

  constructor(ttlMs: number) {
    this.#ttlMsMax = ttlMs;
  }

  get memory(): string | undefined {
    return this.#memory;
  }

  get content(): StoreContent {
    return this.#content;
  }

  get loads(): Loads {
    return (this.#loads ??= new Loads(this.#content));
  }

  get look(): Look {
    return { kind: 'look', memory: this.#memory, version: this.#version };
  }

  /** All that was known of another memory says nothing about this one. */
  begin(memory: string, nowMs: number): void {
    this.#memory = memory;
    this.#memorySinceMs = nowMs;
    this.#version = 0;
    this.#replace(nothing);
    this.#observed.clear();
  }

  see({ version, beats, content }: LookReply, nowMs: number): void {
    for (const [session, beat] of beats) {
      const known = this.#observed.get(session);
      if (known?.beat !== beat) this.#observed.set(session, { beat, sinceMs: nowMs, proven: known !== undefined });
    }
    if (this.#observed.size !== beats.size)
      for (const session of this.#observed.keys()) if (!beats.has(session)) this.#observed.delete(session);
    this.#version = version;
    if (content) this.#replace(content);
  }

  ttlMsOf(session: string): number {
    return this.#content.members.get(session)?.ttlMs ?? this.#ttlMsMax;
  }

  /** Each with the beat that was its last. */
  dead(nowMs: number, self: string): readonly (readonly [session: string, beat: number])[] {
    const dead: (readonly [string, number])[] = [];
    for (const [session, { beat, sinceMs }] of this.#observed)
      if (session !== self && nowMs - sinceMs >= this.ttlMsOf(session)) dead.push([session, beat]);
    return dead;
  }

  /** Who can be given something; always oneself. */
  living(nowMs: number, self: string): string[] {
    const living = [self];
    for (const [session, { sinceMs, proven }] of this.#observed)
      if (session !== self && proven && nowMs - sinceMs < this.ttlMsOf(session) * silentShareMax) living.push(session);
    return living;
  }

  isSettled(nowMs: number): boolean {
    return this.#memory !== undefined && nowMs - this.#memorySinceMs >= this.#ttlMsMax;
  }

  /** When the passing of time alone changes an answer; infinite when it does not. */
  changesAtMs(nowMs: number, self: string): number {
    let atMs = this.isSettled(nowMs) ? Infinity : this.#memorySinceMs + this.#ttlMsMax;
    for (const [session, { sinceMs }] of this.#observed)
      if (session !== self) atMs = Math.min(atMs, sinceMs + this.ttlMsOf(session));
    return atMs;
  }

  /** For how long something may look wrong because configuration has not arrived yet. */
  get patienceMs(): number {
    return this.#ttlMsMax;
  }

  keysOf(sessions: readonly string[]): string[] {
    const { owners } = this.#content;
    return [...owners].filter(([, owner]) => sessions.includes(owner)).map(([key]) => key);
  }

  unplaced(keys: ReadonlySet<string>): Unplaced {
    const { owners, notInUse } = this.#content;
    const unknown: string[] = [];
    const idle: string[] = [];
    for (const key of keys)
      if (notInUse.has(key)) idle.push(key);
      else if (!owners.has(key)) unknown.push(key);
    const superfluous = notInUse.size > idle.length ? [...notInUse].filter((key) => !keys.has(key)) : [];
    return { unknown, notInUse: idle, superfluous };
  }

  #replace(content: StoreContent): void {
    this.#content = content;
    this.#loads = undefined;
    for (const { ttlMs } of content.members.values()) this.#ttlMsMax = Math.max(this.#ttlMsMax, ttlMs);
  }
}
