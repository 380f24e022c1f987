/** Some instances at one Redis, and what is counted and watched there. */
import type { EventName } from '../counted-events.ts';
import { Violation } from './exclusivity.ts';
import { ModelRedis } from './model-redis.ts';
import type { Mistake } from './mistakes.ts';
import { plan } from './plan.ts';
import { Seeded } from './seeded.ts';
import { SimProcess } from './sim-process.ts';
import { Tally } from './tally.ts';
import { Timeline } from './timeline.ts';

const branchOf: Partial<Record<EventName, readonly [branch: string, weight: string]>> = {
  leaseLost: ['lease lost while holding', 'held'],
  sessionDied: ['takeover after observation', 'keys'],
  memoryLost: ['adoption after loss of memory', 'kept'],
  keysHandedOver: ['handed over', 'keys'],
};

export class World {
  readonly random: Seeded;
  readonly time = new Timeline();
  readonly tally = new Tally();
  readonly redis: ModelRedis;
  readonly processes = new Map<string, SimProcess>();
  readonly #limits = new Map<string, number>();
  readonly #mistake: Mistake | undefined;
  keys: ReadonlySet<string>;
  /** From then on nothing goes wrong any more. */
  calmSinceMs = Infinity;
  #tokens = 0;
  #made = 0;
  readonly #removed: string[] = [];
  readonly #finished = new Map<string, number>();
  gapMsMax = 0;

  constructor(seed: number, mistake: Mistake | undefined) {
    this.random = new Seeded(seed);
    this.redis = new ModelRedis(this.time, this.tally, () => this.#hint());
    this.#mistake = mistake;
    this.redis.believesSnapshots = mistake?.redisBelievesSnapshots ?? false;
    this.keys = new Set();
    const instances = this.random.whole(3, 5);
    const keys = this.random.whole(12, 30);
    for (let i = 0; i < keys; i += 1) this.addKey();
    // Now and then there is not room for all.
    const room = this.random.chance(0.15) ? 0.8 : this.random.between(1.1, 3);
    for (let i = 0; i < instances; i += 1) this.#limits.set(`instance-${i}`, Math.ceil((keys * room) / instances));
    for (const name of this.#limits.keys()) this.begin(name);
  }

  get names(): readonly string[] {
    return [...this.#limits.keys()];
  }

  get running(): SimProcess[] {
    return [...this.processes.values()].filter((process) => process.isRunning);
  }

  readonly limitOf = (name: string): number => this.#limits.get(name)!;

  begin(name: string): void {
    const { time, random, tally, redis } = this;
    const process = new SimProcess({
      name,
      time,
      random,
      tally,
      redis,
      token: () => `s${(this.#tokens += 1)}`,
      connectionsMax: this.limitOf(name),
      all: () => this.processes.values(),
      keys: this.keys,
      onEvent: (event, fields) => this.#happened(event, fields),
      onFinished: (key) => this.#finished.set(key, time.nowMs),
      onBegun: (key) => this.#begun(key),
      finishesEarly: this.#mistake?.holderFinishesEarly ?? false,
      options: { ...plan, marginMs: this.#mistake?.marginMs ?? plan.marginMs },
    });
    this.processes.set(name, process);
  }

  /** A new one, or one that was switched off. */
  addKey(): void {
    const again = this.random.chance(0.7) ? this.#removed.pop() : undefined;
    this.#configure(new Set([...this.keys, again ?? `t/${(this.#made += 1)}`]));
  }

  removeKey(): void {
    const gone = this.random.pick([...this.keys]);
    this.#removed.push(gone);
    this.#configure(new Set([...this.keys].filter((key) => key !== gone)));
  }

  #configure(keys: ReadonlySet<string>): void {
    this.keys = keys;
    for (const process of this.running)
      this.time.after(this.random.between(0, plan.configurationMsMax), () => process.configure(() => this.keys));
  }

  #hint(): void {
    for (const process of this.running)
      if (this.random.chance(0.7)) this.time.after(this.random.between(0.1, plan.delayMsMax), () => process.hint());
  }

  #happened(event: EventName, fields: Readonly<Record<string, unknown>>): void {
    const branch = branchOf[event];
    if (branch) this.tally.add(branch[0], Number(fields[branch[1]]));
    if (event === 'keysHandedOver') this.tally.add('handed over, kept for want of room', Number(fields['kept']));
    if (event === 'sessionDeclaredDead' || event === 'adoptionRefused' || event === 'keysTaken')
      throw new Violation(`A valid session lost what it had to another one at ${Math.round(this.time.nowMs)} ms.`);
  }

  #begun(key: string): void {
    const finishedMs = this.#finished.get(key);
    this.#finished.delete(key);
    if (finishedMs === undefined || finishedMs < this.calmSinceMs) return;
    this.gapMsMax = Math.max(this.gapMsMax, this.time.nowMs - finishedMs);
  }
}
