/** Nx tests what a change reaches: everything, and nothing else. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, globSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { affectedProjects } from '../cli/affected.ts';
import { dependentsOf, needsOf } from './project-graph.ts';
import { looseProjects, looseSources, root } from './sources.ts';

/** Reads the sources of all others. */
const tidy = 'infra/tidy';

let clone = '';
const git = (...parameters: string[]): string =>
  execFileSync('git', parameters, { cwd: clone === '' ? root : clone, encoding: 'utf8' });

beforeAll(() => {
  const files = git('ls-files', '--cached', '--others', '--exclude-standard', '-z').split('\0').filter(Boolean);
  const copy = mkdtempSync(join(tmpdir(), 'millrace-clone-'));
  const there = new Set(globSync(files, { cwd: root }));
  for (const file of files) if (there.has(file)) cpSync(join(root, file), join(copy, file));
  clone = copy;
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.email', 'test@localhost');
  git('config', 'user.name', 'test');
  git('config', 'commit.gpgsign', 'false');
  git('add', '.');
  git('commit', '--quiet', '--message', 'all');
}, 60_000);

afterEach(() => void git('reset', '--quiet', '--hard', 'main'));
afterAll(() => rmSync(clone, { recursive: true, force: true }));

test.each(looseProjects)('$name says what it imports, starts and reads', (project) => {
  expect(project.dependencies.toSorted(), `implicitDependencies of ${project.folder}/project.json`).toEqual(
    needsOf(project),
  );
});

test('every folder with sources is a project', () => {
  const folders = looseSources
    .filter(({ path }) => path.includes('/'))
    .map(({ path }) => (path.startsWith('infra/') ? path.split('/', 2).join('/') : (path.split('/')[0] ?? '')));
  expect(looseProjects.map(({ folder }) => folder)).toEqual([...new Set(folders)].toSorted());
});

test.each(['alarms', 'kafka'])(
  'a change in libs/%s reaches those that depend on it by import, and no others',
  async (name) => {
    appendFileSync(join(clone, 'libs', name, 'src', 'index.ts'), '\n');
    const { folders } = await affectedProjects('main', { folder: clone });
    expect(folders).toEqual([...new Set([...dependentsOf(`@millrace/${name}`), tidy])].toSorted());
  },
  60_000,
);

test('a change in the documentation reaches no tests, also when it is committed', async () => {
  writeFileSync(join(clone, 'docs', 'new-page.md'), '# A page\n');
  appendFileSync(join(clone, 'README.md'), '\n');
  git('checkout', '--quiet', '-B', 'change');
  git('add', '.');
  git('commit', '--quiet', '--message', 'docs: a page');
  expect(await affectedProjects('main', { folder: clone })).toEqual({ base: 'main', folders: [] });
}, 60_000);

test('another version of a dependency reaches all', async () => {
  appendFileSync(join(clone, 'package-lock.json'), '\n');
  const { folders } = await affectedProjects(undefined, { folder: clone });
  const withTests = globSync(['{libs,services}/*/package.json', '{*,infra/*}/project.json'], { cwd: clone });
  expect(folders).toEqual(withTests.map((file) => dirname(file)).toSorted());
}, 60_000);

test('a base that does not exist is named', async () => {
  await expect(affectedProjects('no-such-branch', { folder: clone })).rejects.toThrow(
    'There is no commit no-such-branch to compare with; name one with --base.',
  );
});
