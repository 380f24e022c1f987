/** What is interrupted, when and how: drawn from a seed alone, so that a run can be made again. */

export type InterruptionKind = 'kill' | 'freeze';

export interface Interruption {
  /** Instance of a service, or a component. */
  readonly victim: string;
  readonly kind: InterruptionKind;
  /** How long a frozen process stays so. */
  readonly frozenMs: number;
  /** Undisturbed time before it. */
  readonly pauseMs: number;
}

/** On both sides of the 6 s after which a group gives the partitions of a silent member to another. */
const frozenMsMin = 1_000;
const frozenMsMax = 9_000;
const pauseMsMax = 1_500;

/**
 * Endless rounds; in each every process is interrupted once, in a random order: killed in one round and frozen in the next,
 * or the other way round. Each is given by its instances, of which one is drawn.
 */
export function* scheduleOf(seed: number, processes: readonly (readonly string[])[]): Generator<Interruption, never> {
  const random = randomOf(seed);
  const below = (end: number): number => Math.floor(random() * end);
  for (;;) {
    const killedFirst = processes.map(() => random() < 0.5);
    for (const inFirstRound of [true, false]) {
      for (const index of shuffled(processes.length, below)) {
        const instances = processes[index]!;
        const kind = killedFirst[index] === inFirstRound ? 'kill' : 'freeze';
        const frozenMs = frozenMsMin + below(frozenMsMax - frozenMsMin);
        yield {
          victim: instances[below(instances.length)]!,
          kind,
          frozenMs: kind === 'freeze' ? frozenMs : 0,
          pauseMs: below(pauseMsMax),
        };
      }
    }
  }
}

/** Fisher and Yates. */
function shuffled(count: number, below: (end: number) => number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = below(last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/** mulberry32 (Tommy Ettinger, public domain): 0 to below 1. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
