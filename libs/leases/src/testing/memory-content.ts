/** What the scripts of the store do, in TypeScript: for tests and the simulation. Keeps to the words of `lease-store.ts`. */
import type {
  Balance,
  Change,
  ChangeReply,
  ChangeStatus,
  Drain,
  HandOver,
  Join,
  LeaseReply,
  LeaseRequest,
  Look,
  Member,
  Move,
  Place,
  Signed,
} from '../lease-store.ts';
import { Loads } from '../loads.ts';

type Answer = readonly [status: ChangeStatus, keys?: readonly string[]];

export class MemoryContent {
  readonly memory: string;
  version = 1;
  readonly members: Map<string, Member>;
  readonly beats: Map<string, number>;
  readonly owners: Map<string, string>;
  readonly notInUse: Set<string>;
  readonly moves: Map<string, string>;
  readonly drains: Map<string, boolean>;

  constructor(memory: string, like?: MemoryContent) {
    this.memory = memory;
    this.version = like?.version ?? 1;
    this.members = new Map(like?.members);
    this.beats = new Map(like?.beats);
    this.owners = new Map(like?.owners);
    this.notInUse = new Set(like?.notInUse);
    this.moves = new Map(like?.moves);
    this.drains = new Map(like?.drains);
  }

  answer(request: LeaseRequest): LeaseReply {
    if (request.kind === 'look') return this.#look(request);
    const before = this.version;
    const [status, keys = []] = this.#change(request);
    const reply: ChangeReply = { kind: 'changed', status, memory: this.memory, keys };
    if (this.version > before) this.version = before + 1;
    return reply;
  }

  #look({ memory, version }: Look): LeaseReply {
    const isKnown = memory === this.memory && version === this.version;
    const { members, owners, notInUse, moves, drains } = this;
    const content = isKnown
      ? undefined
      : {
          members: new Map(members),
          owners: new Map(owners),
          notInUse: new Set(notInUse),
          moves: new Map(moves),
          drains: new Map(drains),
        };
    return { kind: 'seen', memory: this.memory, version: this.version, beats: new Map(this.beats), content };
  }

  #change(request: Change & Signed): Answer {
    const { session, beat } = request;
    if (request.memory !== this.memory) return ['lost'];
    const known = this.beats.get(session);
    if (known === undefined && request.kind !== 'join') return ['unknown'];
    if (known !== undefined && known >= beat) return ['stale'];
    this.beats.set(session, beat);
    switch (request.kind) {
      case 'join':
        return this.#join(request, session);
      case 'renew':
        return this.#show(session, request.member);
      case 'handOver':
        return this.#handOver(request, session);
      case 'place':
        return this.#place(request);
      case 'balance':
        return this.#balance(request, session);
      case 'move':
        return this.#move(request);
      case 'drain':
        return this.#drain(request);
      case 'leave':
        this.#bury(session);
        return ['done'];
    }
  }

  #join({ member, replaces, keys }: Join, session: string): Answer {
    if (replaces !== undefined && this.beats.has(replaces)) {
      const left = [...this.owners].filter(([, owner]) => owner === replaces).map(([key]) => key);
      let room = member.connectionsMax - [...this.owners.values()].filter((owner) => owner === session).length;
      for (const key of left.toSorted()) if (room-- > 0) this.#give(key, session);
      this.#bury(replaces);
    }
    const refused: string[] = [];
    for (const key of keys) {
      const owner = this.owners.get(key);
      if (owner === undefined) this.#give(key, session);
      else if (owner !== session) refused.push(key);
    }
    this.#show(session, member);
    return ['done', refused];
  }

  #show(session: string, member: Member): Answer {
    if (JSON.stringify(this.members.get(session)) !== JSON.stringify(member)) {
      this.members.set(session, member);
      this.version += 1;
    }
    return ['done'];
  }

  #handOver({ living, keys, drop }: HandOver, session: string): Answer {
    const loads = new Loads(this);
    const kept: string[] = [];
    for (const key of keys) {
      if (this.owners.get(key) !== session) continue;
      const wanted = this.moves.get(key);
      if (wanted !== undefined) {
        loads.forgetMove(session, wanted);
        this.moves.delete(key);
        this.version += 1;
      }
      const isDraining = this.members.get(session)?.draining ?? false;
      const to =
        wanted !== undefined && loads.hasRoom(wanted) ? wanted : isDraining ? loads.least(living, session) : undefined;
      if (to === undefined || to === session) kept.push(key);
      else {
        loads.take(session);
        loads.place(to);
        this.#give(key, to);
      }
    }
    for (const key of drop) if (this.owners.get(key) === session) this.#drop(key);
    return ['done', kept];
  }

  #place({ living, dead, keys, forget }: Place): Answer {
    for (const [session, beat] of dead) if (this.beats.get(session) === beat) this.#bury(session);
    const loads = new Loads(this);
    for (const key of keys) {
      if (this.owners.has(key)) continue;
      const to = loads.least(living);
      if (to !== undefined) {
        loads.place(to);
        this.#give(key, to);
      } else if (!this.notInUse.has(key)) {
        this.notInUse.add(key);
        this.version += 1;
      }
    }
    for (const key of forget) if (this.notInUse.delete(key)) this.version += 1;
    return ['done'];
  }

  #balance({ living, keys }: Balance, session: string): Answer {
    const loads = new Loads(this);
    const isDraining = this.members.get(session)?.draining ?? false;
    for (const key of keys) {
      if (this.owners.get(key) !== session || this.moves.has(key)) continue;
      const to = loads.least(living, session);
      if (to === undefined) break;
      if (!isDraining && !loads.isUneven(session, to, living)) break;
      loads.move(session, to);
      this.moves.set(key, to);
      this.version += 1;
    }
    return ['done'];
  }

  #move({ key, to }: Move): Answer {
    const owner = this.owners.get(key);
    if (owner === undefined) return ['not_in_use'];
    if (!this.members.has(to)) return ['no_such_session'];
    const wanted = this.moves.get(key);
    if (wanted === to) return ['done'];
    if (to !== owner && !new Loads(this).hasRoom(to)) return ['no_room'];
    if (to !== owner) this.moves.set(key, to);
    if (to !== owner || this.moves.delete(key)) this.version += 1;
    return ['done'];
  }

  #drain({ target, on }: Drain): Answer {
    if (!this.members.has(target)) return ['no_such_session'];
    this.drains.set(target, on);
    this.version += 1;
    return ['done'];
  }

  /** What it had is not in use. */
  #bury(session: string): void {
    for (const [key, owner] of this.owners) {
      if (owner !== session) continue;
      this.#drop(key);
      this.notInUse.add(key);
    }
    for (const [key, to] of this.moves) if (to === session) this.moves.delete(key);
    this.members.delete(session);
    this.beats.delete(session);
    this.drains.delete(session);
    this.version += 1;
  }

  #give(key: string, session: string): void {
    this.owners.set(key, session);
    this.notInUse.delete(key);
    this.moves.delete(key);
    this.version += 1;
  }

  #drop(key: string): void {
    this.owners.delete(key);
    this.moves.delete(key);
    this.version += 1;
  }
}
