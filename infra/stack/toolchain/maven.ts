/** Runs Maven: the system's, else the one of Debian's packages unpacked into the cache. */
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { UserError } from '../user-error.ts';
import { type Cache } from './cache.ts';
import { hasDebianPackages, unpackedDebianPackages } from './debian-packages.ts';
import { type Java } from './java.ts';
import { findProgram } from './search-path.ts';

/** Debian keeps certificates of a private authority for Java here; a JDK from elsewhere does not know them. */
const debianTrustStore = '/etc/ssl/certs/java/cacerts';

export interface MavenRun {
  readonly folder: string;
  readonly goals: readonly string[];
  readonly java: Java;
  readonly systemTools: boolean;
}

/** What a run fetches, in the folder of the run: no other one uses it, and it goes when it is not needed any more. */
export function mavenRepositoryIn(folder: string): string {
  return join(folder, 'maven-repository');
}

export async function runMaven(cache: Cache, run: MavenRun, signal?: AbortSignal): Promise<void> {
  const installed = run.systemTools ? findProgram('mvn') : undefined;
  const parameters = ['-q', '-B', `-Dmaven.repo.local=${mavenRepositoryIn(run.folder)}`, ...run.goals];
  const trust = existsSync(debianTrustStore) ? [`-Djavax.net.ssl.trustStore=${debianTrustStore}`] : [];
  if (installed) {
    const options = [process.env['MAVEN_OPTS'], ...trust].filter(Boolean).join(' ');
    const environment = { ...process.env, JAVA_HOME: run.java.home, MAVEN_OPTS: options };
    await runCommand(installed, parameters, { folder: run.folder, environment, signal });
    return;
  }
  const launcher = await fetchedMaven(cache, signal);
  const all = [...trust, ...launcher, `-Dmaven.multiModuleProjectDirectory=${run.folder}`, mainClass, ...parameters];
  await runCommand(run.java.executable, all, { folder: run.folder, signal });
}

const mainClass = 'org.codehaus.plexus.classworlds.launcher.Launcher';

/** JVM options that start the unpacked Maven; its own script would look for `/etc/maven` of the system. */
async function fetchedMaven(cache: Cache, signal?: AbortSignal): Promise<string[]> {
  if (!hasDebianPackages()) throw new UserError('Maven (mvn) was not found; install it and run the command again.');
  const wanted = {
    name: 'maven',
    what: 'Maven',
    packages: ['maven'],
    programs: [],
    dependency: (name: string) => name.endsWith('-java') || name.startsWith('libmaven'),
  };
  const root = await unpackedDebianPackages(cache, wanted, signal);
  const home = join(root, 'usr/share/maven');
  const [classWorlds] = globSync(join(root, 'usr/share/java/plexus-classworlds-*.jar'));
  if (!classWorlds) throw new Error('The maven package has no class loader plexus-classworlds.');
  return ['-cp', classWorlds, `-Dclassworlds.conf=${join(root, 'etc/maven/m2.conf')}`, `-Dmaven.home=${home}`];
}
