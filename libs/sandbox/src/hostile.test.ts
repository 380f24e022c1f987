/**
 * Scripts that attack, in every language: each ends in time, harms nothing in reach, and the next good message gets its answer.
 * With figures, and with more mutants: `./millrace bench scripts`.
 */
import { availableParallelism, loadavg } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeUplinks } from './decode-uplink.ts';
import { defaultLimits } from './limits.ts';
import { languages } from './languages/registry.ts';
import { Sandbox } from './sandbox.ts';
import { attackByte, type Attack, type Corpus } from './testing/hostile/attack.ts';
import { corpora } from './testing/hostile/corpora.ts';
import { ProvingGround } from './testing/hostile/proving-ground.ts';

/** Beside the limits. A call that had too little of the processor is tried again: with more work than processors all takes longer. */
const overtimeMsMax = (): number => 3_000 * Math.max(1, loadavg()[0]! / availableParallelism());

const sandbox = new Sandbox();
let ground: ProvingGround;

beforeAll(async () => {
  await sandbox.start();
  ground = await ProvingGround.open(sandbox);
});
afterAll(async () => {
  ground.close();
  await sandbox.close();
});

test('every language is attacked, in sixty ways and more', () => {
  expect(corpora.map(({ language }) => language).toSorted()).toEqual([...languages.keys()].toSorted());
  expect(corpora.flatMap(({ attacks }) => attacks).length).toBeGreaterThanOrEqual(60);
});

describe.each(corpora)('$language', (corpus) => {
  test.each(corpus.attacks)('$name', async (attack) => {
    const { end, harm, tookMs } = await ground.try(corpus, attack);
    expect(attack.ends).toContain(end);
    expect(harm).toEqual([]);
    expect(tookMs).toBeLessThan(defaultLimits.callMs + defaultLimits.loadMs + overtimeMsMax());
  });

  const chosen = [
    'an endless loop',
    'deep recursion',
    'no result',
    'a text of 300 KB',
    'a rejection that nobody handles',
  ];
  test.each(corpus.attacks.filter(({ name }) => chosen.includes(name)))(
    '$name in the middle of a batch costs its own message',
    async (attack) => {
      expect(await ends(corpus, attack, [7, attackByte, 8])).toEqual([7, expect.stringMatching(/^script_/), 8]);
    },
  );
});

/** The value of each message, or the code of its failure. */
async function ends(corpus: Corpus, attack: Attack, bytes: readonly number[]): Promise<readonly unknown[]> {
  const script = {
    name: 'attacker/batch@1',
    tenant: 'attacker',
    language: corpus.language,
    source: corpus.scriptOf(attack.source),
  };
  const uplinks = bytes.map((byte) => ({
    payload: Uint8Array.of(byte),
    fPort: undefined,
    receivedAtMs: 0,
    variables: {},
    attributes: {},
  }));
  const [outcomes = []] = await decodeUplinks(sandbox, [{ script, uplinks }]);
  return outcomes.map((outcome) => ('rows' in outcome ? outcome.rows[0]?.value : outcome.code));
}
