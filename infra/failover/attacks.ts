/** What is done to client managers and to what they need. Each resolves when the disturbance is over, not when all is well again. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../stack/until.ts';
import { loopback } from '../stack/ports.ts';
import type { FailoverStack } from './failover-stack.ts';

/** Until a connection of the victim has sent under its next owner; a machine that does other things takes long. */
const takenOverMsMax = 30_000;
/** A lease that is lost is lost well before. */
const longTtls = 3;

/** Which connections must have a new owner afterwards; `any`: as it comes, for what is decided by less than a lease time. */
export type Moves = 'none' | 'some' | "all of the victim's" | 'all' | 'any';

export interface Attack {
  readonly name: string;
  readonly moves: Moves;
  /** Stale records must have come into the raw topic. */
  readonly makesStale?: boolean;
  /** Nobody was disturbed: a connection that moves may be opened once, and the others not at all. */
  readonly isGentle?: boolean;
  run(on: Target, signal: AbortSignal): Promise<void>;
}

export interface Target {
  readonly plant: FailoverStack;
  readonly victim: string;
  /** Keys of the connections that the victim had when the attack began. */
  readonly hit: readonly string[];
  /** Whether all of these connections have sent under another epoch than when the attack began. */
  readonly haveMoved: (keys: readonly string[]) => boolean;
}

const frozen = (ttls: number, moves: Moves): Attack => ({
  name: `instance frozen for ${ttls} lease times`,
  moves,
  async run({ plant, victim }) {
    plant.stack.signal(victim, 'SIGSTOP');
    await sleep(ttls * plant.leaseTtlMs);
    plant.stack.signal(victim, 'SIGCONT');
  },
});

export const killed: Attack = {
  name: 'instance killed',
  moves: "all of the victim's",
  run: ({ plant, victim }) => plant.stack.kill(victim),
};

export const redisKilled: Attack = {
  name: 'Redis killed',
  moves: 'any',
  async run({ plant }, signal) {
    await plant.stack.kill('redis');
    await plant.stack.ready(signal);
    await sleep(plant.leaseTtlMs);
  },
};

/** Owners put back what they have, and keep it. */
export const redisFlushed: Attack = {
  name: 'Redis flushed (FLUSHALL)',
  moves: 'none',
  async run({ plant }, signal) {
    await askRedis(plant, 'FLUSHALL');
    const isBack = async (): Promise<boolean> => (await askRedis(plant, 'DBSIZE')) !== ':0\r\n';
    if (!(await until(isBack, takenOverMsMax, signal))) throw new Error('Nobody put back what Redis had lost.');
    await sleep(2 * plant.leaseTtlMs);
  },
};

async function askRedis(plant: FailoverStack, command: string): Promise<string> {
  const socket = connect(plant.stack.port('redis'), loopback);
  socket.write(`${command}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString('latin1');
}

export const redisFrozen: Attack = {
  name: `Redis frozen for ${longTtls} lease times`,
  moves: 'all',
  async run({ plant }) {
    plant.stack.signal('redis', 'SIGSTOP');
    await sleep(longTtls * plant.leaseTtlMs);
    plant.stack.signal('redis', 'SIGCONT');
  },
};

export const redisCut: Attack = {
  name: 'instance cut off from Redis alone',
  moves: "all of the victim's",
  async run({ plant, victim, hit, haveMoved }, signal) {
    const { redis } = plant.doors(victim);
    redis.set('cut');
    await until(() => haveMoved(hit), takenOverMsMax, signal);
    redis.set('open');
  },
};

export const kafkaCut: Attack = {
  name: 'instance cut off from Kafka alone',
  moves: "all of the victim's",
  async run({ plant, victim, hit, haveMoved }, signal) {
    const { kafka } = plant.doors(victim);
    kafka.set('cut');
    await until(() => haveMoved(hit), takenOverMsMax, signal);
    kafka.set('open');
  },
};

/** Nobody could do better than those who have the connections. */
export const kafkaFrozen: Attack = {
  name: `Kafka frozen for ${longTtls} lease times`,
  moves: 'none',
  async run({ plant }) {
    plant.stack.signal('kafka', 'SIGSTOP');
    await sleep(longTtls * plant.leaseTtlMs);
    plant.stack.signal('kafka', 'SIGCONT');
    await sleep(plant.leaseTtlMs);
  },
};

export const bothCut: Attack = {
  name: 'instance cut off from Redis and Kafka',
  moves: "all of the victim's",
  async run({ plant, victim, hit, haveMoved }, signal) {
    const { redis, kafka } = plant.doors(victim);
    redis.set('held');
    kafka.set('held');
    await until(() => haveMoved(hit), takenOverMsMax, signal);
    redis.set('open');
    kafka.set('open');
  },
};

export const producesHeld: Attack = {
  name: "produces held past the next owner's fence",
  moves: "all of the victim's",
  makesStale: true,
  async run({ plant, victim, hit, haveMoved }, signal) {
    const { redis, kafka } = plant.doors(victim);
    kafka.holdProduces(true);
    await until(() => kafka.heldProduces > 0, takenOverMsMax, signal);
    redis.set('cut');
    await until(() => haveMoved(hit), takenOverMsMax, signal);
    kafka.holdProduces(false);
    redis.set('open');
  },
};

export const joined: Attack = {
  name: 'instance joins',
  moves: 'some',
  isGentle: true,
  run: ({ plant }) => plant.scale(plant.instances.length + 1),
};

export const left: Attack = {
  name: 'instance leaves (SIGTERM)',
  moves: "all of the victim's",
  isGentle: true,
  run: ({ plant }) => plant.scale(plant.instances.length - 1),
};

/** Of the time of the failover and so much longer. */
export const parserStopped = (seconds: number): Attack => ({
  name: `instance killed, parser stopped for ${seconds} s`,
  moves: "all of the victim's",
  async run({ plant, victim, hit, haveMoved }, signal) {
    const startedMs = performance.now();
    plant.stack.signal('parser', 'SIGSTOP');
    await plant.stack.kill(victim);
    await until(() => haveMoved(hit), takenOverMsMax, signal);
    await sleep(Math.max(0, startedMs + seconds * 1_000 - performance.now()), undefined, { signal });
    plant.stack.signal('parser', 'SIGCONT');
  },
});

/** In an order in which an instance that joined leaves again. */
export const attacks = (parserStopSeconds: number): readonly Attack[] => [
  producesHeld,
  killed,
  frozen(0.5, 'none'),
  frozen(1, 'any'),
  frozen(3, "all of the victim's"),
  redisKilled,
  redisFlushed,
  redisFrozen,
  redisCut,
  kafkaCut,
  kafkaFrozen,
  bothCut,
  joined,
  left,
  parserStopped(parserStopSeconds),
];
