import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Sandbox } from './sandbox.ts';
import { type WallName, wallNames } from './walls.ts';

const sandbox = new Sandbox();

beforeAll(() => sandbox.start());
afterAll(() => sandbox.close());

test('at start it is known which walls are up', () => {
  expect(sandbox.walls.map(({ name }) => name)).toEqual(wallNames);
});

test.each<WallName>(['environment', 'descriptors'])('a child has no %s of its parent, on any machine', (name) => {
  expect(sandbox.walls.find((wall) => wall.name === name)).toMatchObject({ up: true });
});

const mayUnshare = ((): boolean => {
  try {
    execFileSync('unshare', ['--net', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.runIf(process.getuid?.() === 0 && mayUnshare)(
  'where the system allows it, a child is nobody, without capabilities, network and files',
  () => {
    expect(sandbox.walls.filter(({ up }) => !up)).toEqual([]);
  },
);
