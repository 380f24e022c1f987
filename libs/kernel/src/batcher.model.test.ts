/** The batcher against a model: any order of offers, passing time and ends of writes. */
import { ManualClock } from '@millrace/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Batcher } from './batcher.ts';

interface Item {
  readonly id: number;
  readonly weight: number;
}

type Step =
  | { readonly kind: 'offer'; readonly weight: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'end'; readonly fails: boolean }
  | { readonly kind: 'flush' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('offer'), weight: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.integer({ min: 0, max: 12 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('end'), fails: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush') }) },
);

const limits = fc.record({
  weightMax: fc.integer({ min: 1, max: 10 }),
  lingerMs: fc.integer({ min: 0, max: 10 }),
  waitingWeightMax: fc.integer({ min: 1, max: 40 }),
});

type Limits = typeof limits extends fc.Arbitrary<infer T> ? T : never;

/** Drives a batcher and knows what must be true of it at every moment. */
class Model {
  readonly clock = new ManualClock();
  readonly taken: Item[] = [];
  readonly written: Item[] = [];
  readonly expected = new Map<number, 'done' | 'failed'>();
  readonly settled = new Map<number, 'done' | 'failed'>();
  readonly #limits: Limits;
  readonly #batcher: Batcher<Item>;
  #writing: { items: readonly Item[]; end: PromiseWithResolvers<void> } | undefined;

  constructor(bounds: Limits) {
    this.#limits = bounds;
    this.#batcher = new Batcher<Item>({ ...bounds, clock: this.clock, write: (items) => this.#write(items) });
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const one of steps) {
      await this.#do(one);
      this.#check();
    }
    const closed = this.#batcher.close();
    while (this.#writing) await this.#end(false);
    await closed;
    await this.clock.advance(0);
  }

  async #do(one: Step): Promise<void> {
    if (one.kind === 'offer') this.#offer({ id: this.taken.length, weight: one.weight });
    else if (one.kind === 'wait') await this.clock.advance(one.ms);
    else if (one.kind === 'end') await this.#end(one.fails);
    else void this.#batcher.flush();
  }

  #offer(item: Item): void {
    const held = this.#heldWeight();
    const promise = this.#batcher.offer(item, item.weight);
    const fits = held === 0 || held + item.weight <= this.#limits.waitingWeightMax;
    expect(promise !== undefined).toBe(fits);
    if (!promise) return;
    this.taken.push(item);
    const settle = (end: 'done' | 'failed') => (): void => {
      expect(this.settled.has(item.id)).toBe(false);
      this.settled.set(item.id, end);
    };
    promise.then(settle('done'), settle('failed'));
  }

  #write(items: readonly Item[]): Promise<void> {
    expect(this.#writing).toBeUndefined();
    expect(items.length === 1 || weightOf(items) <= this.#limits.weightMax).toBe(true);
    this.written.push(...items);
    this.#writing = { items: [...items], end: Promise.withResolvers() };
    return this.#writing.end.promise;
  }

  async #end(fails: boolean): Promise<void> {
    if (!this.#writing) return;
    const { items, end } = this.#writing;
    this.#writing = undefined;
    for (const { id } of items) this.expected.set(id, fails ? 'failed' : 'done');
    if (fails) end.reject(new Error('refused'));
    else end.resolve();
    await this.clock.advance(0);
  }

  #heldWeight(): number {
    return weightOf(this.taken.filter(({ id }) => !this.expected.has(id)));
  }

  #check(): void {
    expect(this.#batcher.waitingWeight).toBe(this.#heldWeight());
    const idle = !this.#writing;
    const waiting = this.taken.length - this.written.length;
    if (idle && waiting > 0) expect(this.clock.sleeping).toBeGreaterThan(0);
  }
}

test('nothing is lost, order is kept, one write runs at a time, limits hold, each offer is settled once', async () => {
  await fc.assert(
    fc.asyncProperty(limits, fc.array(step, { maxLength: 60, size: 'max' }), async (bounds, steps) => {
      const model = new Model(bounds);
      await model.run(steps);
      expect(model.written).toEqual(model.taken);
      expect(model.settled).toEqual(model.expected);
      expect(model.settled.size).toBe(model.taken.length);
    }),
  );
});

function weightOf(items: readonly Item[]): number {
  return items.reduce((sum, { weight }) => sum + weight, 0);
}
