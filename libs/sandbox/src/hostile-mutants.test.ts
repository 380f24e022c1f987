import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sandbox } from './sandbox.ts';
import { mutants } from './testing/hostile/mutants.ts';
import { ProvingGround } from './testing/hostile/proving-ground.ts';

/** Many more: `./millrace bench scripts`. */
const mutantsTried = 30;

test('attacks that nobody thought of harm nothing either', async () => {
  const sandbox = new Sandbox();
  await sandbox.start();
  const ground = await ProvingGround.open(sandbox);
  const property = fc.asyncProperty(mutants, async ({ corpus, attack }) => {
    const { harm } = await ground.try(corpus, attack);
    expect(harm, attack.source).toEqual([]);
  });
  try {
    await fc.assert(property, { numRuns: mutantsTried, endOnFailure: true });
  } finally {
    ground.close();
    await sandbox.close();
  }
}, 60_000);
