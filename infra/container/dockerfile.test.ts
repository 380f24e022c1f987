/** Promises of infra/Dockerfile that can be kept without an engine. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../stack/service-launch.ts';
import { projects } from '../tidy/sources.ts';
import { copiedPaths, instructions } from './dockerfile.ts';

const all = (keyword: string) => instructions.filter((one) => one.keyword === keyword);
const ignore = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');

test('every instruction is one that Docker knows', () => {
  const known = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'EXPOSE', 'HEALTHCHECK', 'ENTRYPOINT'];
  expect(instructions.filter(({ keyword }) => !known.includes(keyword))).toEqual([]);
});

test('both stages have the Node of the local stack', () => {
  const version = /^node_version=(\S+)$/m.exec(readFileSync(join(root, 'millrace'), 'utf8'))?.[1];
  expect(all('FROM').map(({ words }) => words[0])).toEqual(Array(2).fill(`node:${version}-bookworm-slim`));
});

test('what is copied exists, and the build gets to see it', () => {
  const allowed = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  expect(copiedPaths.length).toBeGreaterThan(5);
  for (const path of copiedPaths) {
    expect(existsSync(join(root, path)), path).toBe(true);
    expect(
      allowed.some((pattern) => matches(pattern, path)),
      path,
    ).toBe(true);
  }
  expect(ignore).toContain('*');
});

test('the build gets all that the TypeScript projects are made of', () => {
  const outside = new Set(projects.map(({ folder }) => folder.split('/')[0]));
  expect([...outside].filter((folder) => !copiedPaths.includes(folder ?? ''))).toEqual([]);
  for (const file of ['tsconfig.base.json', 'tsconfig.build.json', 'tsconfig.lib.json', 'tsconfig.nest.json'])
    expect(copiedPaths).toContain(file);
});

test('the image runs as an ordinary user, with production dependencies and a health check', () => {
  const last = instructions.map(({ keyword }) => keyword).lastIndexOf('FROM');
  const image = instructions.slice(last);
  expect(image.find(({ keyword }) => keyword === 'USER')?.words).toEqual(['node']);
  expect(image.some(({ keyword }) => keyword === 'HEALTHCHECK')).toBe(true);
  const npm = all('RUN')
    .map(({ words }) => words.join(' '))
    .filter((line) => line.includes('npm '));
  expect(npm.at(-1)).toContain('npm prune --omit=dev');
});

function matches(pattern: string, path: string): boolean {
  const expression = pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*');
  return new RegExp(`^${expression}$`).test(path);
}
