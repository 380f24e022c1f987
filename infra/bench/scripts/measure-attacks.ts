/** Every known attack, and mutants of them: how each ended, how long it took, and what it harmed. */
import { Sandbox } from '@millrace/sandbox';
import fc from 'fast-check';
import { corpora } from '../../../libs/sandbox/src/testing/hostile/corpora.ts';
import { mutants } from '../../../libs/sandbox/src/testing/hostile/mutants.ts';
import { ProvingGround, type Trial } from '../../../libs/sandbox/src/testing/hostile/proving-ground.ts';
import type { AttackFigures, MutantFigures } from './scripts-report.ts';

const mutantsToldMin = 50;

export async function measureAttacks(
  { mutants: count, seed }: { readonly mutants: number; readonly seed: number },
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<{ readonly attacks: readonly AttackFigures[]; readonly mutants: MutantFigures }> {
  const sandbox = new Sandbox();
  await sandbox.start();
  const ground = await ProvingGround.open(sandbox);
  try {
    const attacks: AttackFigures[] = [];
    for (const corpus of corpora) {
      progress(`${corpus.attacks.length} attacks: ${corpus.language}`);
      for (const attack of corpus.attacks) {
        signal.throwIfAborted();
        attacks.push(figuresOf(await ground.try(corpus, attack)));
      }
    }
    const tried: AttackFigures[] = [];
    for (const { corpus, attack } of count === 0 ? [] : fc.sample(mutants, { numRuns: count, seed })) {
      signal.throwIfAborted();
      if (tried.length % mutantsToldMin === 0) progress(`mutants: ${tried.length} of ${count}`);
      tried.push(figuresOf(await ground.try(corpus, attack)));
    }
    return { attacks, mutants: mutantFigures(tried, seed) };
  } finally {
    ground.close();
    await sandbox.close();
  }
}

function figuresOf({ attack, end, harm, ...trial }: Trial): AttackFigures {
  const { language, tookMs, loopMsMax, peakBytes } = trial;
  const unexpected = attack.ends.includes(end) ? [] : [`it ended with ${end}`];
  return {
    language,
    name: attack.name,
    end,
    tookMs,
    loopMsMax,
    peakMiB: peakBytes / 2 ** 20,
    harm: [...harm, ...unexpected],
  };
}

function mutantFigures(tried: readonly AttackFigures[], seed: number): MutantFigures {
  const ends: Record<string, number> = {};
  for (const { end } of tried) ends[end] = (ends[end] ?? 0) + 1;
  return {
    seed,
    tried: tried.length,
    ends,
    tookMsMax: Math.max(0, ...tried.map(({ tookMs }) => tookMs)),
    loopMsMax: Math.max(0, ...tried.map(({ loopMsMax }) => loopMsMax)),
    harmful: tried.filter(({ harm }) => harm.length > 0),
  };
}
