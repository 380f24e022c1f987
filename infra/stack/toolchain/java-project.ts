/** Maven projects of this repository, packaged in the cache once per content. */
import { cpSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, join, relative } from 'node:path';
import { runCommand } from '../run-command.ts';
import { type Cache } from './cache.ts';
import { type Java } from './java.ts';
import { mavenRepositoryIn, runMaven } from './maven.ts';
import { isExecutable } from './search-path.ts';

/** Compiles where Java is no JDK: a program, not a library, so that it does not matter which Java runs Maven. */
const eclipseCompiler = 'org.eclipse.jdt:ecj:3.36.0';
const javaRelease = '17';

export interface JavaProject {
  /** Has `pom.xml` and `src`; its libraries come to `target/lib`. */
  readonly folder: string;
  readonly java: Java;
  readonly systemTools: boolean;
}

/** The class path of the project's own classes and of its libraries. */
export async function packagedJavaProject(cache: Cache, project: JavaProject, signal?: AbortSignal): Promise<string> {
  const sources = globSync(['pom.xml', 'src/**/*.java'], { cwd: project.folder }).toSorted();
  const hash = createHash('sha256');
  for (const path of sources) hash.update(path).update(readFileSync(join(project.folder, path)));
  const name = `java-project-${hash.digest('hex').slice(0, 12)}`;
  const make = async (staging: string): Promise<void> => {
    for (const path of sources) cpSync(join(project.folder, path), join(staging, path));
    await build(cache, { ...project, folder: staging }, signal);
    rmSync(mavenRepositoryIn(staging), { recursive: true, force: true });
  };
  const what = `the libraries of ${basename(project.folder)} (70 MB)`;
  const target = join(await cache.installed(name, what, make, signal), 'target');
  return [join(target, 'classes'), join(target, 'lib', '*')].join(':');
}

async function build(cache: Cache, { folder, java, systemTools }: JavaProject, signal?: AbortSignal): Promise<void> {
  if (isExecutable(join(java.home, 'bin', 'javac'))) {
    await runMaven(cache, { folder, goals: ['package'], java, systemTools }, signal);
    return;
  }
  const target = join(folder, 'target');
  const compiler = [`-Dartifact=${eclipseCompiler}`, `-DoutputDirectory=${target}`, '-Dmdep.stripVersion'];
  const goals = ['package', 'dependency:copy', '-Dmaven.main.skip', ...compiler];
  mkdirSync(target);
  await runMaven(cache, { folder, goals, java, systemTools }, signal);
  const libraries = globSync(join(target, 'lib', '*.jar')).join(':');
  const parameters = ['-jar', join(target, 'ecj.jar'), `-${javaRelease}`, '-cp', libraries];
  const into = ['-d', join(target, 'classes'), relative(folder, join(folder, 'src'))];
  await runCommand(java.executable, [...parameters, ...into], { folder, signal });
}
