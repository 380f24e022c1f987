import { expect, test } from 'vitest';
import { Sandbox } from '../sandbox.ts';
import { outcomes, script } from '../testing/outcomes.ts';

test('scripts that lie idle make room before their process is full, and nobody is charged for them', async () => {
  const kills: string[] = [];
  const sandbox = new Sandbox({
    limits: { processMemoryBytesMax: 220 * 1024 * 1024 },
    onKill: (_script, reason) => void kills.push(reason),
  });
  await sandbox.start();
  const source = 'def decodeUplink(input):\n  return input["bytes"][0]';
  const results: unknown[] = [];
  for (let index = 0; index < 60; index += 1)
    results.push(...(await outcomes(sandbox, script(source, 'python'), [index])));
  await sandbox.close();
  expect(results).toEqual([...results.keys()]);
  // A busy machine may starve one: that is another matter, and nobody is charged for it.
  expect(kills).not.toContain('memory');
});
