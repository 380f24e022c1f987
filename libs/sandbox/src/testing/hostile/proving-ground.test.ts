import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { FunctionCall, ScriptExecutor } from '../../executor.ts';
import { attack, attackByte } from './attack.ts';
import { corpora } from './corpora.ts';
import { ProvingGround } from './proving-ground.ts';

const value = (call: FunctionCall | undefined, column: string): unknown =>
  call?.inputs.columns.find(({ name }) => name === column)?.values[0];

/** No sandbox at all: what an attack would do is done. */
const careless: ScriptExecutor = {
  async call([call]) {
    const [byte] = value(call, 'bytes') as Uint8Array;
    if (byte !== attackByte) return [[{ returned: { data: {} } }]];
    const { file = '', port } = value(call, 'variables') as Readonly<Record<string, string>>;
    const secret = readFileSync(file, 'utf8');
    writeFileSync(file, 'taken');
    writeFileSync(`${file}-2`, '');
    process.env.MILLRACE_CANARY = 'taken';
    Object.assign(Map.prototype, { polluted: 1 });
    await once(connect(Number(port), '127.0.0.1'), 'close');
    return [[{ returned: { data: { secret, neighbour: 'a secret of the neighbour', path: import.meta.filename } } }]];
  },
};

test('harm is noticed where there is any', async () => {
  const ground = await ProvingGround.open(careless);
  const { end, harm } = await ground.try(corpora[0]!, attack('all of it', 'threw', ''));
  ground.close();
  Reflect.deleteProperty(Map.prototype, 'polluted');
  expect(end).toBe('returned');
  expect(harm.toSorted()).toMatchInlineSnapshot(`
    [
      "a file was made",
      "a prototype of the host was changed",
      "another script of the tenant was wrong",
      "it read a path",
      "it read a secret",
      "it read the neighbour's global",
      "its neighbour was wrong",
      "its own next message was wrong",
      "the environment was changed",
      "the file was changed",
      "there was a connection",
    ]
  `);
});
