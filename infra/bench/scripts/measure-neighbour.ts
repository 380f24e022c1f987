/** What a tenant notices while another attacks: the time of its calls, alone and beside an endless loop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeUplinks, Sandbox } from '@millrace/sandbox';
import { Percentiles } from '../percentiles.ts';
import type { NeighbourFigures } from './scripts-report.ts';
import { benchLanguages, scriptOf, uplinksOf } from './workload.ts';

/** A call of this many, this far apart: a tenant that sends a thousand messages a second. */
const messagesPerCall = 20;
const everyMs = 20;
/** By turns, alone and attacked. */
const rounds = 5;
/** Of a figure's time: by default as long as a script is suspect, since that is how often its neighbours feel a loop of it. */
const timesLonger = 6;

/**
 * The worst of attackers: it loops for a new device each time, and answers another in between, so that its script never rests.
 * From the first loop on it has a process apart; the first is felt by its neighbours.
 */
const attacker = {
  name: 'attacker/loops@1',
  tenant: 'attacker',
  language: 'javascript',
  source: 'function decodeUplink({ bytes }) { while (bytes[0] === 1); return { data: {} }; }',
};

const attackingUplinks = [1, 0].map((byte) => ({ ...uplinksOf(1)[0]!, payload: Uint8Array.of(byte) }));

export async function measureNeighbour(
  { seconds }: { readonly seconds: number },
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<NeighbourFigures> {
  const sandbox = new Sandbox();
  await sandbox.start();
  try {
    const alone = new Percentiles();
    const attacked = new Percentiles();
    const roundMs = (seconds * timesLonger * 1_000) / rounds;
    let attacks = 0;
    await watch(sandbox, new Percentiles(), roundMs, signal);
    for (let round = 1; round <= rounds; round += 1) {
      progress(`a neighbour, round ${round} of ${rounds}`);
      await watch(sandbox, alone, roundMs, signal);
      let isOver = false;
      const attacking = (async () => {
        while (!isOver) {
          const subjects = [`attacker/${attacks}`, 'attacker/other'];
          await decodeUplinks(sandbox, [{ script: attacker, uplinks: attackingUplinks, subjects }]);
          attacks += 1;
        }
      })();
      await watch(sandbox, attacked, roundMs, signal);
      isOver = true;
      await attacking;
    }
    return {
      attacks,
      aloneMs: { p50: alone.at(0.5), p99: alone.at(0.99), max: alone.at(1) },
      attackedMs: { p50: attacked.at(0.5), p99: attacked.at(0.99), max: attacked.at(1) },
    };
  } finally {
    await sandbox.close();
  }
}

async function watch(sandbox: Sandbox, tookMs: Percentiles, ms: number, signal: AbortSignal): Promise<void> {
  const script = scriptOf(benchLanguages[0]!, 'neighbour');
  const uplinks = uplinksOf(messagesPerCall);
  const endMs = performance.now() + ms;
  for (let dueMs = performance.now(); dueMs < endMs; dueMs += everyMs) {
    await sleep(Math.max(0, dueMs - performance.now()), undefined, { signal });
    await decodeUplinks(sandbox, [{ script, uplinks }]);
    // From when it was due: a call that waited for the one before waited too.
    tookMs.add(performance.now() - dueMs);
  }
}
