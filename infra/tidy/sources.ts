/** The sources of the repository and the packages they belong to, read once for all rules. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Source {
  readonly path: string;
  readonly text: string;
  /** Specifiers of all imports and re-exports, dynamic ones included. */
  readonly imports: readonly string[];
  /** A test, or code that only tests use. */
  readonly forTests: boolean;
}

export interface Project {
  readonly name: string;
  readonly folder: string;
  /** Height in the house; undefined stands aside and is for tests. */
  readonly floor: number | undefined;
  readonly dependencies: readonly string[];
  readonly developmentDependencies: readonly string[];
  /** Folders of the projects that `tsc -b` builds first. */
  readonly references: readonly string[];
  readonly sources: readonly Source[];
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly nx: { readonly tags: readonly string[] };
}

export const root = join(import.meta.dirname, '..', '..');

export const projects: readonly Project[] = globSync('{libs,services}/*/package.json', { cwd: root })
  .toSorted()
  .map((file) => projectAt(dirname(file)));

/** A folder of infra, or one beside it: a project of Nx that is no package, so it says itself what it depends on. */
export interface LooseProject {
  readonly name: string;
  readonly folder: string;
  /** Names of projects. */
  readonly dependencies: readonly string[];
  readonly sources: readonly Source[];
}

export const looseProjects: readonly LooseProject[] = globSync('{*,infra/*}/project.json', { cwd: root })
  .toSorted()
  .map((file) => {
    const { name, implicitDependencies } = readJson<{ name: string; implicitDependencies: string[] }>(file);
    const folder = dirname(file);
    return { name, folder, dependencies: implicitDependencies, sources: sourcesIn([`${folder}/**/*.ts`]) };
  });

/** Sources that belong to no package: the command, the stack, the checks, the examples, the load tests. */
export const looseSources: readonly Source[] = sourcesIn([
  'infra/**/*.ts',
  'examples/**/*.ts',
  'load-tests/**/*.ts',
  '*.ts',
]);

export const allSources: readonly Source[] = [...projects.flatMap(({ sources }) => sources), ...looseSources];

function projectAt(folder: string): Project {
  const manifest = readJson<Manifest>(join(folder, 'package.json'));
  const floor = manifest.nx.tags.find((tag) => tag.startsWith('floor:'))?.slice('floor:'.length);
  return {
    name: manifest.name,
    folder,
    floor: floor === 'aside' ? undefined : Number(floor),
    dependencies: Object.keys(manifest.dependencies ?? {}),
    developmentDependencies: Object.keys(manifest.devDependencies ?? {}),
    references: referencesOf(join(folder, 'tsconfig.build.json')),
    sources: sourcesIn([`${folder}/src/**/*.ts`]),
  };
}

export function referencesOf(file: string): string[] {
  const { references = [] } = readJson<{ references?: readonly { readonly path: string }[] }>(file);
  return references.map(({ path }) => dirname(join(dirname(file), path))).toSorted();
}

function sourcesIn(patterns: readonly string[]): Source[] {
  return globSync(patterns, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] })
    .filter((path) => !path.includes('/generated/'))
    .toSorted()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      const found = text.matchAll(/\b(?:from|import)\s*\(?\s*'([@\w./][\w@./:-]*)'/g);
      return { path, text, imports: [...found].map(([, specifier]) => specifier ?? ''), forTests: isForTests(path) };
    });
}

/** Beside tests themselves: suites of families, folders named `testing`, and files named `test-…`. */
function isForTests(path: string): boolean {
  return (
    /\.test\.ts$|\.suite(-[\w-]+)?\.ts$|\/testing\/|\/test-[\w-]+\.ts$/.test(path) || path.startsWith('libs/testkit')
  );
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as T;
}
