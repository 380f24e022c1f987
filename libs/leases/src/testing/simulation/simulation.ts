/**
 * A course of some instances through everything that can go wrong, then through a calm in which all has to come right. What a
 * seed does it does again.
 */
import { Violation } from './exclusivity.ts';
import { endFaults, planFaults } from './faults.ts';
import type { Mistake } from './mistakes.ts';
import { faultsMs, plan, settledMs } from './plan.ts';
import { World } from './world.ts';

export interface Course {
  readonly seed: number;
  /** What was violated, in one sentence. */
  readonly violation: string | undefined;
  /** How often each dangerous branch was taken. */
  readonly branches: ReadonlyMap<string, number>;
  /** From the end of closing to the begin elsewhere, the longest in the calm, as a share of the ttl. */
  readonly handOverTtlsMax: number;
}

export function simulate(seed: number, mistake?: Mistake): Course {
  const world = new World(seed, mistake);
  const takeOut = mistake?.plant?.(world);
  try {
    run(world);
    return courseOf(seed, world, undefined);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return courseOf(seed, world, error.message);
  } finally {
    takeOut?.();
  }
}

const courseOf = (seed: number, { tally, gapMsMax }: World, violation: string | undefined): Course => ({
  seed,
  violation,
  branches: tally.counts,
  handOverTtlsMax: gapMsMax / plan.ttlMs,
});

function run(world: World): void {
  planFaults(world, faultsMs);
  world.time.runUntil(faultsMs + 4 * plan.ttlMs);
  endFaults(world);
  world.time.runUntil(world.time.nowMs + settledMs);
  assertSettled(world);
  world.calmSinceMs = world.time.nowMs;
  shuffle(world);
  world.time.runUntil(world.time.nowMs + 2 * plan.ttlMs);
  if (world.gapMsMax > plan.handOverMsMax)
    throw new Violation(`A clean hand-over took ${Math.round(world.gapMsMax)} ms.`);
}

/** In the calm some keys move, so that hand-overs without faults are seen. */
function shuffle(world: World): void {
  const { random, running } = world;
  for (const process of running) {
    const to = random.pick(running).machine.session.token;
    const [key] = process.machine.held.keys();
    if (key !== undefined) process.machine.order({ kind: 'move', key, to }, () => undefined);
  }
}

/**
 * Every key that exists has one owner if there is room, nobody has more than its limit, and the share is even where room allows. Who was told
 * late to drain has room for what it has.
 */
function assertSettled({ running, keys, tally, redis, limitOf }: World): void {
  const owned = running.flatMap(({ machine }) => [...machine.held.keys()]);
  if (owned.some((key) => !keys.has(key))) throw new Violation('A key is held that does not exist.');
  if (new Set(owned).size !== owned.length) throw new Violation('A key is held twice.');
  const shares = running.map(({ name, machine }) => {
    const has = machine.held.size;
    const isDraining = redis.content.members.get(machine.session.token)?.draining ?? false;
    return { name, has, isDraining, most: isDraining ? has : limitOf(name) };
  });
  const room = shares.reduce((sum, { most }) => sum + most, 0);
  if (owned.length !== Math.min(keys.size, room))
    throw new Violation(`${owned.length} of ${keys.size} keys are held, and there is room for ${room}.`);
  if (keys.size > room) tally.add('no room for a key');
  for (const one of shares) {
    if (one.has > limitOf(one.name)) throw new Violation(`${one.name} has ${one.has}, more than its limit.`);
    for (const other of shares)
      if ((one.isDraining ? one.has > 0 : one.has - other.has > 1) && other.has < other.most)
        throw new Violation(`${one.name} has ${one.has} keys and ${other.name} ${other.has}, with room for more.`);
  }
}
