/** One attack, from a settled state to the next one, and what became of connections and messages. */
import { until } from '../stack/until.ts';
import type { Attack, Target } from './attacks.ts';
import type { FailoverStack } from './failover-stack.ts';
import type { NumberedSenders } from './numbered-senders.ts';

export interface RoundResult {
  readonly attack: string;
  readonly victim: string;
  /** Connections with another owner than before, and those of the victim. */
  readonly moved: number;
  readonly hit: number;
  /** Of each connection of the victim that moved: from the beginning of the attack to the next owner's first message. */
  readonly takeoverMs: readonly number[];
  /** Of each connection that moved: from the last message of one owner to the first of the next. */
  readonly outageMs: readonly number[];
  /** Most new owners that one connection had. */
  readonly opensMax: number;
  readonly published: number;
  readonly lost: number;
  readonly overlapping: number;
  readonly staleRefused: number;
  readonly duplicates: number;
  /** What the attack should have brought about, and did not; in words. */
  readonly faults: readonly string[];
}

/** A failover takes seconds; a process that was killed starts again on a machine that does other things. */
const settledMsMax = 40_000;
const storedMsMax = 30_000;

export async function attackOnce(
  plant: FailoverStack,
  senders: NumberedSenders,
  attack: Attack,
  victim: string,
  signal: AbortSignal,
): Promise<RoundResult> {
  await plant.settled(settledMsMax, signal);
  const owners = await plant.owners();
  const before = new Map(plant.connections.map(({ key }) => [key, plant.witness.newestEpoch(key)]));
  const atStart = plant.witness.findings(senders.published);
  const hit = [...owners].filter(([, owner]) => owner === victim).map(([key]) => key);
  const startedMs = Date.now();
  const target: Target = {
    plant,
    victim,
    hit,
    haveMoved: (keys) => keys.every((key) => plant.witness.firstAfter(key, before.get(key)!) !== undefined),
  };
  await attack.run(target, signal);
  await plant.stack.ready(signal);
  await plant.settled(settledMsMax, signal);
  const moved = plant.connections
    .map(({ key }) => key)
    .filter((key) => plant.witness.newestEpoch(key) > before.get(key)!);
  await until(() => target.haveMoved(moved), storedMsMax, signal);
  const published = copyOf(senders.published);
  const isStored = async (): Promise<boolean> => {
    const { lost, overlapping, staleRefused } = plant.witness.findings(published);
    if (overlapping.length > 0) return true;
    return lost.length === 0 && (await plant.staleRejected()) >= staleRefused;
  };
  const stored = await until(isStored, storedMsMax, signal, 200);
  const found = plant.witness.findings(published);
  const staleRefused = found.staleRefused - atStart.staleRefused;
  const opens = moved.map((key) => plant.witness.owners(key).filter(({ epoch }) => epoch > before.get(key)!).length);
  const results = { moved, hit, opensMax: Math.max(0, ...opens), staleRefused };
  return {
    attack: attack.name,
    victim,
    ...results,
    moved: moved.length,
    hit: hit.length,
    takeoverMs: hit.flatMap((key) => {
      const first = plant.witness.firstAfter(key, before.get(key)!);
      return first === undefined ? [] : [first - startedMs];
    }),
    outageMs: moved.flatMap((key) => outageOf(plant, key, before.get(key)!)),
    published: found.published - atStart.published,
    lost: found.lost.length,
    overlapping: found.overlapping.length,
    duplicates: found.duplicates - atStart.duplicates,
    faults: [
      ...(stored || found.lost.length > 0 ? [] : ['the parser did not count all stale messages']),
      ...faultsOf(attack, plant, results),
    ],
  };
}

function faultsOf(
  attack: Attack,
  plant: FailoverStack,
  { moved, hit, opensMax, staleRefused }: { moved: string[]; hit: string[]; opensMax: number; staleRefused: number },
): readonly string[] {
  const faults: string[] = [];
  const mustMove = attack.moves === 'all' ? plant.connections.map(({ key }) => key) : hit;
  const stayed = mustMove.filter((key) => !moved.includes(key)).length;
  if (attack.moves === 'none' && moved.length > 0) faults.push(`${moved.length} connections moved for nothing`);
  if ((attack.moves === 'all' || attack.moves === "all of the victim's") && stayed > 0)
    faults.push(`${stayed} of ${mustMove.length} connections did not move`);
  if (attack.moves === 'some' && moved.length === 0) faults.push('no connection moved');
  if (attack.moves === "all of the victim's" && hit.length === 0) faults.push('the victim had no connection');
  if (attack.makesStale && staleRefused === 0) faults.push('no record came behind the fence of the next owner');
  if (attack.isGentle && opensMax > 1) faults.push(`a connection was opened ${opensMax} times`);
  return faults;
}

function outageOf(plant: FailoverStack, key: string, epoch: number): number[] {
  const copies = plant.witness.copiesOf(key).filter(({ isStale }) => !isStale);
  const first = copies.findIndex((copy) => copy.epoch > epoch);
  return first > 0 ? [copies[first]!.atMs - copies[first - 1]!.atMs] : [];
}

function copyOf(published: ReadonlyMap<string, ReadonlySet<number>>): ReadonlyMap<string, ReadonlySet<number>> {
  return new Map([...published].map(([deviceUid, numbers]) => [deviceUid, new Set(numbers)]));
}
