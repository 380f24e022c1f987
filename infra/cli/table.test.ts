import { expect, test } from 'vitest';
import { tableLines } from './table.ts';
import { Terminal } from './terminal.ts';

test('what others have written cannot steer the terminal', () => {
  const lines = tableLines(
    ['a', 'b'],
    [['\u001B[2J\u202Ex', 'y\n']],
    new Terminal({ colours: false, animated: false }),
  );
  expect(lines).toEqual(['a       b', '\uFFFD[2J\uFFFDx  y\uFFFD']);
});
