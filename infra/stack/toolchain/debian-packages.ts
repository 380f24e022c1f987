/**
 * Programs out of Debian's packages without root: downloaded, unpacked into the cache, each with a script in `run/` that
 * starts it with their libraries. Libraries
 * that the system lacks are found with `ldd` and taken from the packages that the unpacked ones depend on.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { arch } from 'node:os';
import { runCommand } from '../run-command.ts';
import { type Cache } from './cache.ts';
import { findProgram } from './search-path.ts';

export interface DebianPrograms {
  /** Part of the cache folder's name. */
  readonly name: string;
  /** For the person who waits. */
  readonly what: string;
  readonly packages: readonly string[];
  /** Executables below the root whose libraries must be found. */
  readonly programs: readonly string[];
  /** True for packages whose dependencies are wanted whether `ldd` misses them or not. */
  readonly dependency?: (packageName: string) => boolean;
}

/** A library's library's library: enough for every release tried, and an end where something cannot be found. */
const dependencyRoundsMax = 5;

export const hasDebianPackages = (): boolean =>
  findProgram('apt-get') !== undefined && findProgram('dpkg') !== undefined;

/** The folder that holds `usr`, `etc` and so on, and `run/<program>` for each of the programs. */
export function unpackedDebianPackages(cache: Cache, wanted: DebianPrograms, signal?: AbortSignal): Promise<string> {
  const make = (staging: string): Promise<void> => new Unpacking(cache, staging, signal).run(wanted);
  return cache.installed(`${wanted.name}-${release()}-${arch()}`, wanted.what, make, signal);
}

class Unpacking {
  readonly #cache: Cache;
  readonly #root: string;
  readonly #signal: AbortSignal | undefined;
  readonly #taken = new Set<string>();
  #aptEnvironment: NodeJS.ProcessEnv = process.env;

  constructor(cache: Cache, root: string, signal: AbortSignal | undefined) {
    this.#cache = cache;
    this.#root = root;
    this.#signal = signal;
  }

  async run({ packages, programs, dependency }: DebianPrograms): Promise<void> {
    await this.#downloadFirst(packages);
    await this.#unpack(packages);
    let newest = [...packages];
    for (let round = 0; round < dependencyRoundsMax; round += 1) {
      const missing = await this.#missingLibraries(programs);
      const isWanted = dependency ?? ((name: string) => missing.length > 0 && name.startsWith('lib'));
      newest = (await this.#dependenciesOf(newest)).filter((name) => isWanted(name) && !this.#taken.has(name));
      if (newest.length === 0) break;
      await this.#download(newest);
      await this.#unpack(newest);
    }
    const missing = await this.#missingLibraries(programs);
    if (missing.length > 0)
      throw new Error(`${packages.join(', ')} need ${missing.join(', ')}, which no package gave.`);
    for (const program of programs) this.#writeStarter(program);
  }

  /** With the package lists of the system where they are there and fresh, else with lists of our own. */
  async #downloadFirst(packages: readonly string[]): Promise<void> {
    try {
      await this.#download(packages);
    } catch {
      this.#aptEnvironment = { ...process.env, APT_CONFIG: writeAptConfiguration(join(this.#cache.folder, 'apt')) };
      await runCommand('apt-get', ['update'], { environment: this.#aptEnvironment, signal: this.#signal });
      await this.#download(packages);
    }
  }

  /** As root, apt would download as its own user, who may not write here. */
  async #download(packages: readonly string[]): Promise<void> {
    const archives = join(this.#root, 'archives');
    mkdirSync(archives, { recursive: true });
    const environment = this.#aptEnvironment;
    const parameters = ['-o', 'APT::Sandbox::User=root', '--quiet', 'download', ...packages];
    await runCommand('apt-get', parameters, { folder: archives, environment, signal: this.#signal });
  }

  async #unpack(packages: readonly string[]): Promise<void> {
    const archives = join(this.#root, 'archives');
    for (const archive of globSync(join(archives, '*.deb')))
      await runCommand('dpkg', ['-x', archive, this.#root], { signal: this.#signal });
    for (const name of packages) this.#taken.add(name);
    rmSync(archives, { recursive: true, force: true });
  }

  /** Paths are those seen from the script: the folder is moved when it is complete. */
  #writeStarter(program: string): void {
    const folder = join(this.#root, 'run');
    mkdirSync(folder, { recursive: true });
    const libraries = libraryFolders(this.#root).map((one) => `$here/${relative(this.#root, one)}`);
    const lines = [
      '#!/bin/sh',
      `here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)`,
      `export LD_LIBRARY_PATH="${libraries.join(':')}"`,
      `exec "$here/${program}" "$@"`,
    ];
    writeFileSync(join(folder, basename(program)), `${lines.join('\n')}\n`, { mode: 0o755 });
  }

  async #missingLibraries(programs: readonly string[]): Promise<string[]> {
    const environment = { ...process.env, LD_LIBRARY_PATH: libraryFolders(this.#root).join(':') };
    const listings = await Promise.all(
      programs.map((program) => runCommand('ldd', [join(this.#root, program)], { environment, signal: this.#signal })),
    );
    return listings.flatMap((listing) => [...listing.matchAll(/(\S+) => not found/g)].map(([, name]) => name ?? ''));
  }

  async #dependenciesOf(packages: readonly string[]): Promise<string[]> {
    const only = ['suggests', 'recommends', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
      (kind) => `--no-${kind}`,
    );
    const environment = this.#aptEnvironment;
    const listing = await runCommand('apt-cache', ['depends', ...only, ...packages], {
      environment,
      signal: this.#signal,
    });
    const names = [...listing.matchAll(/Depends: ([a-z0-9][a-z0-9.+-]*)$/gm)].map(([, name]) => name ?? '');
    return [...new Set(names)].filter((name) => name !== 'libc6');
  }
}

function libraryFolders(root: string): string[] {
  return globSync([join(root, 'usr/lib/*-linux-gnu*'), join(root, 'lib/*-linux-gnu*')]);
}

/** apt with state and cache of its own, so that an ordinary user can update the lists; the sources stay the system's. */
function writeAptConfiguration(folder: string): string {
  for (const name of ['lists/partial', 'archives/partial']) mkdirSync(join(folder, name), { recursive: true });
  const path = join(folder, 'apt.conf');
  const lines = [
    `Dir::State "${folder}";`,
    `Dir::State::lists "${join(folder, 'lists')}";`,
    'Dir::State::status "/var/lib/dpkg/status";',
    `Dir::Cache "${folder}";`,
    'APT::Sandbox::User "";',
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** `debian-12`: packages of one release do not run on another. */
function release(): string {
  const text = readFileSync('/etc/os-release', 'utf8');
  const field = (name: string): string => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(text)?.[1] ?? 'unknown';
  return `${field('ID')}-${field('VERSION_ID')}`;
}
