/** What goes wrong, and what people do meanwhile. */
import { plan, ttlMs } from './plan.ts';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

type Fault = (world: World) => void;

const someTime = ({ random }: World): number => random.between(0.1, random.chance(0.3) ? 3.5 : 1.5) * ttlMs;
const mayStart = (world: World, name: string): boolean => !(world.processes.get(name)?.isRunning ?? false);

const crash: Fault = (world) => {
  const { random, time, running } = world;
  if (running.length === 0) return;
  const victim = random.pick(running);
  victim.kill();
  time.after(random.between(0.05, 2) * ttlMs, () => {
    if (mayStart(world, victim.name)) world.begin(victim.name);
  });
};

const leave: Fault = (world) => {
  const { random, time, running } = world;
  if (running.length < 2) return;
  const { name } = random.pick(running);
  world.processes.get(name)!.leave();
  time.after(random.between(3.2, 5) * ttlMs, () => {
    if (mayStart(world, name)) world.begin(name);
  });
};

const freeze: Fault = (world) => {
  const { random, running } = world;
  if (running.length > 0) random.pick(running).freeze(someTime(world));
};

const cut: Fault = (world) => {
  const { random, running } = world;
  if (running.length > 0) random.pick(running).link.cut(someTime(world));
};

const turnBad: Fault = (world) => {
  const { random, running } = world;
  for (const { link } of running) if (random.chance(0.6)) link.turnBad(someTime(world) * 2);
};

const freezeRedis: Fault = (world) => world.redis.freeze(someTime(world));

const wipe: Fault = ({ redis }) => redis.wipe();

const restartRedis: Fault = ({ redis }) => redis.restart();

const snapshot: Fault = ({ redis }) => redis.takeSnapshot();

const jump: Fault = (world) => {
  const { random, running, redis } = world;
  const byMs = random.pick([-3_600_000, 3_600_000, random.between(-3, 3) * ttlMs]);
  if (random.chance(0.5)) redis.wallJumpMs += byMs;
  else if (running.length > 0) random.pick(running).wallJumpMs += byMs;
};

const configure: Fault = (world) => {
  if (world.keys.size > 5 && world.random.chance(0.5)) world.removeKey();
  else world.addKey();
};

/** Some are switched off and soon on again. */
const toggle: Fault = (world) => {
  const { random, time } = world;
  for (let count = random.whole(1, 4); count > 0 && world.keys.size > 5; count -= 1) {
    world.removeKey();
    time.after(random.between(0.3, 1.5) * ttlMs, () => world.addKey());
  }
};

/** A move, a drain, or its end, asked of any instance. */
const order: Fault = (world) => {
  const { random, running } = world;
  if (running.length === 0) return;
  const { machine } = random.pick(running);
  const sessions = [...machine.cluster.content.members.keys()];
  if (sessions.length === 0) return;
  const session = random.pick(sessions);
  const settle = (status: string): void => world.tally.add(`refused: ${status}`, status === 'no_room' ? 1 : 0);
  if (random.chance(0.6)) machine.order({ kind: 'move', key: random.pick([...world.keys]), to: session }, settle);
  else machine.order({ kind: 'drain', target: session, on: random.chance(0.5) }, settle);
};

const refuse: Fault = (world) => {
  const { random, time, running } = world;
  if (running.length === 0) return;
  const one = random.pick(running);
  one.accepting = false;
  time.after(someTime(world), () => (one.accepting = true));
};

const faults: readonly Fault[] = [
  crash,
  leave,
  freeze,
  freeze,
  cut,
  turnBad,
  freezeRedis,
  wipe,
  restartRedis,
  snapshot,
  jump,
  configure,
  toggle,
  order,
  order,
  refuse,
];

/** Plans them; a course has few or many. */
export function planFaults(world: World, untilMs: number): void {
  const { random, time } = world;
  const pauseMs = random.pick([ttlMs / 4, ttlMs / 2, ttlMs, 2 * ttlMs]);
  for (let atMs = 2 * plan.delayMsMax; atMs < untilMs; atMs += random.between(0, 2 * pauseMs)) {
    const fault = random.pick(faults);
    time.at(atMs, () => fault(world));
  }
}

/** All processes run, all links are good, nobody drains: what is expected then has to come. */
export function endFaults(world: World): void {
  const { processes, names } = world;
  for (const process of processes.values()) {
    process.link.heal();
    process.accepting = true;
    if (process.isLeaving) process.kill();
  }
  for (const name of names) if (mayStart(world, name)) world.begin(name);
  for (const process of world.running) endDrain(process);
}

/** Again, if the session that was asked is over meanwhile. */
function endDrain({ machine }: Pick<SimProcess, 'machine'>): void {
  machine.order({ kind: 'drain', target: machine.session.token, on: false }, (status) => {
    if (status !== 'done') endDrain({ machine });
  });
}
