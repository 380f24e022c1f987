/** Mistakes that the simulation must find. They are put in from outside, so that the library has no switch for them. */
import { Cluster } from '../../cluster.ts';
import type { LeaseRequest } from '../../lease-store.ts';
import { Session } from '../../session.ts';
import { MemoryContent } from '../memory-content.ts';
import { ttlMs } from './plan.ts';
import type { World } from './world.ts';

export interface Mistake {
  readonly name: string;
  readonly redisBelievesSnapshots?: boolean;
  readonly holderFinishesEarly?: boolean;
  readonly marginMs?: number;
  /** Puts it in and returns what takes it out again. */
  readonly plant?: (world: World) => () => void;
}

/** Replaces a method or a getter for as long as the mistake is there. */
function replace<T extends object>(
  of: T,
  name: keyof T & string,
  make: (before: PropertyDescriptor) => PropertyDescriptor,
) {
  const before = Object.getOwnPropertyDescriptor(of, name)!;
  Object.defineProperty(of, name, { ...before, ...make(before) });
  return (): void => void Object.defineProperty(of, name, before);
}

type Answer = MemoryContent['answer'];

/** Changes what scripts do, by what they are asked. */
const asking = (change: (content: MemoryContent, request: LeaseRequest) => LeaseRequest) => () =>
  replace(MemoryContent.prototype, 'answer', ({ value }) => ({
    value(this: MemoryContent, request: LeaseRequest) {
      return (value as Answer).call(this, change(this, request));
    },
  }));

export const mistakes: readonly Mistake[] = [
  {
    name: 'the lease counts from the answer',
    plant: (world) =>
      replace(Session.prototype, 'renewed', ({ value }) => ({
        value(this: Session, sentMs: number) {
          const owner = world.running.find(({ machine }) => machine.session === this);
          (value as Session['renewed']).call(this, owner?.monotonicMs() ?? sentMs);
        },
      })),
  },
  {
    name: 'the lease does not end by the own clock',
    plant: () => {
      const { renewAtMs } = Object.getOwnPropertyDescriptors(Session.prototype);
      const takeBack = [
        replace(Session.prototype, 'isOver', () => ({ value: () => false })),
        replace(Session.prototype, 'validUntilMs', () => ({ get: () => Infinity })),
        replace(Session.prototype, 'isValid', () => ({
          value(this: Session) {
            return Number(renewAtMs.get!.call(this)) > ttlMs / 3;
          },
        })),
      ];
      return () => takeBack.forEach((one) => one());
    },
  },
  {
    name: 'what a new memory does not know is free at once',
    plant: () => replace(Cluster.prototype, 'isSettled', () => ({ value: () => true })),
  },
  {
    name: 'a sign of life that expired by the clock of Redis is the end',
    plant: (world) =>
      replace(Cluster.prototype, 'dead', () => ({
        value(this: Cluster, _nowMs: number, self: string) {
          const { signs, wallJumpMs, content } = world.redis;
          const nowMs = world.time.nowMs + wallJumpMs;
          const sessions = [...this.content.members.keys()].filter((one) => one !== self && content.beats.has(one));
          return sessions
            .filter((one) => nowMs - (signs.get(one) ?? nowMs) >= ttlMs)
            .map((one) => [one, content.beats.get(one)!]);
        },
      })),
  },
  { name: 'an old snapshot is believed', redisBelievesSnapshots: true },
  { name: 'the holder says that it has closed before it has', holderFinishesEarly: true },
  { name: 'leases are longer than others wait', marginMs: -ttlMs / 10 },
  {
    name: 'the dead are buried whatever they said since',
    plant: asking((content, request) =>
      request.kind === 'place'
        ? { ...request, dead: request.dead.map(([session]) => [session, content.beats.get(session) ?? 0] as const) }
        : request,
    ),
  },
  {
    name: 'what is put back is taken from its new owner',
    plant: asking((content, request) => {
      if (request.kind === 'join' && request.memory === content.memory)
        for (const key of request.keys) content.owners.delete(key);
      return request;
    }),
  },
  {
    name: 'a message that comes late is done all the same',
    plant: asking((content, request) => {
      if (request.kind === 'look' || request.memory !== content.memory) return request;
      const beat = Math.max(request.beat, (content.beats.get(request.session) ?? 0) + 1);
      if (!content.beats.has(request.session)) content.beats.set(request.session, beat - 1);
      return { ...request, beat };
    }),
  },
];
