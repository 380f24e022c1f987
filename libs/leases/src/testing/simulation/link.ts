/** The way between an instance and Redis: slow, cut, or losing one of the two directions. */
import type { LeaseReply, LeaseRequest } from '../../lease-store.ts';
import type { ModelRedis } from './model-redis.ts';
import { plan } from './plan.ts';
import type { Seeded } from './seeded.ts';
import type { Tally } from './tally.ts';
import type { Timeline } from './timeline.ts';

export interface LinkParts {
  readonly time: Timeline;
  readonly random: Seeded;
  readonly tally: Tally;
  readonly redis: ModelRedis;
}

export class Link {
  readonly #parts: LinkParts;
  #cutUntilMs = 0;
  #badUntilMs = 0;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  cut(ms: number): void {
    this.#cutUntilMs = this.#parts.time.nowMs + ms;
  }

  /** Some messages are lost, some are under way for several ttl. */
  turnBad(ms: number): void {
    this.#badUntilMs = this.#parts.time.nowMs + ms;
  }

  heal(): void {
    this.#cutUntilMs = 0;
    this.#badUntilMs = 0;
  }

  /** Calls back with the answer, if one arrives; `isAwaited` when it is done in Redis. */
  send(request: LeaseRequest, isAwaited: () => boolean, arrived: (reply: LeaseReply) => void): void {
    const { time, tally, redis } = this.#parts;
    if (this.#isLost()) return;
    time.after(this.#delayMs(), () =>
      redis.arrive(request, (reply) => {
        const isDone = reply.kind === 'changed' && reply.status === 'done';
        if (isDone && !isAwaited()) tally.add('change done after its sender gave up');
        if (!this.#isLost()) time.after(this.#delayMs(), () => arrived(reply));
        else if (isDone) tally.add('change done, answer lost');
      }),
    );
  }

  #isLost(): boolean {
    const { time, random } = this.#parts;
    return time.nowMs < this.#cutUntilMs || (time.nowMs < this.#badUntilMs && random.chance(0.15));
  }

  #delayMs(): number {
    const { time, random } = this.#parts;
    const isBad = time.nowMs < this.#badUntilMs && random.chance(0.3);
    return isBad ? random.between(0, 3 * plan.ttlMs) : random.between(0.1, plan.delayMsMax);
  }
}
