/** Redis as the simulation has it: it forgets, freezes, comes back with an old snapshot, and answers late or not at all. */
import type { LeaseReply, LeaseRequest } from '../../lease-store.ts';
import { MemoryContent } from '../memory-content.ts';
import type { Tally } from './tally.ts';
import type { Timeline } from './timeline.ts';

export class ModelRedis {
  readonly #time: Timeline;
  readonly #tally: Tally;
  readonly #onChange: () => void;
  #memories = 0;
  /** Which start of the server this is, and of which one the content is. */
  #run = 0;
  #contentRun = 0;
  #content = new MemoryContent('memory-0');
  #snapshot = this.#content;
  #frozenUntilMs = 0;
  /** Added to true time: its wall clock jumps. */
  wallJumpMs = 0;
  /** When each session gave its last sign of life, by that clock. */
  readonly signs = new Map<string, number>();
  /** A planted mistake: what a snapshot brings back is believed. */
  believesSnapshots = false;

  constructor(time: Timeline, tally: Tally, onChange: () => void) {
    this.#time = time;
    this.#tally = tally;
    this.#onChange = onChange;
  }

  get content(): MemoryContent {
    return this.#content;
  }

  /** Calls back when it has been done: at once, or when a freeze is over. */
  arrive(request: LeaseRequest, done: (reply: LeaseReply) => void): void {
    if (this.#time.nowMs < this.#frozenUntilMs) this.#time.at(this.#frozenUntilMs, () => this.arrive(request, done));
    else done(this.#do(request));
  }

  freeze(ms: number): void {
    this.#frozenUntilMs = this.#time.nowMs + ms;
  }

  wipe(): void {
    this.#tally.add('wipe', this.#content.owners.size);
    this.#begin();
  }

  takeSnapshot(): void {
    this.#snapshot = new MemoryContent(this.#content.memory, this.#content);
  }

  /** It was killed, and starts with what the last snapshot has. */
  restart(): void {
    this.#tally.add('restart with an old snapshot', this.#snapshot.version === this.#content.version ? 0 : 1);
    this.#run += 1;
    this.#content = new MemoryContent(this.#snapshot.memory, this.#snapshot);
  }

  #do(request: LeaseRequest): LeaseReply {
    if (this.#contentRun !== this.#run && !this.believesSnapshots) this.#begin();
    const { version } = this.#content;
    this.#note(request);
    const reply = this.#content.answer(request);
    if (reply.kind === 'changed' && request.kind !== 'look') {
      if (reply.status === 'done') this.signs.set(request.session, this.#time.nowMs + this.wallJumpMs);
      else this.#tally.add(`refused: ${reply.status}`);
      if (reply.status === 'lost' && request.kind === 'handOver') this.#tally.add('memory lost while handing over');
    }
    if (this.#content.version !== version) this.#onChange();
    return reply;
  }

  #begin(): void {
    this.#memories += 1;
    this.#contentRun = this.#run;
    this.#content = new MemoryContent(`memory-${this.#memories}`);
    this.#onChange();
  }

  /** What no status tells. */
  #note(request: LeaseRequest): void {
    const { beats, owners, memory } = this.#content;
    if (request.kind === 'join' && [...owners.values()].some((owner) => owner === request.replaces))
      this.#tally.add('inherited from the own past session');
    if (request.kind !== 'place' || request.memory !== memory) return;
    if (request.dead.some(([session, beat]) => (beats.get(session) ?? beat) !== beat))
      this.#tally.add('refused: the dead gave a sign');
    if (request.dead.length === 0 && request.keys.some((key) => owners.has(key)))
      this.#tally.add('refused: the key has an owner');
  }
}
