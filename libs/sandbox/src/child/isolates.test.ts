import { expect, test } from 'vitest';
import { Sandbox } from '../sandbox.ts';
import { outcomes, script } from '../testing/outcomes.ts';

/** From this byte on a message needs much. */
const growing = 100;

test.each([
  ['many small ones', 60, 'def decodeUplink(input):\n  return input["bytes"][0]'],
  [
    'some that grow at work',
    20,
    `def decodeUplink(input):\n  byte = input["bytes"][0]\n  bytes(12000000 if byte >= ${growing} else 0)\n  return byte`,
  ],
])(
  'scripts that lie idle make room before their process is full, and nobody is charged: %s',
  async (_name, count, source) => {
    const kills: string[] = [];
    const sandbox = new Sandbox({
      limits: { processMemoryBytesMax: 220 * 1024 * 1024 },
      onKill: (_script, reason) => void kills.push(reason),
    });
    await sandbox.start();
    const scripts = Array.from({ length: count }, () => script(source, 'python'));
    for (const first of [0, growing])
      for (const [index, one] of scripts.entries())
        expect(await outcomes(sandbox, one, [first + index])).toEqual([first + index]);
    await sandbox.close();
    // A busy machine may starve one: that is another matter, and nobody is charged for it.
    expect(kills).not.toContain('memory');
  },
);
