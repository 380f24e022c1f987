/** Kafka, QuestDB and the schema registry, fetched by one pinned Maven build. */
import { copyFileSync, globSync, readFileSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Cache } from './cache.ts';
import { type Java } from './java.ts';
import { mavenRepositoryIn, runMaven } from './maven.ts';

export interface JavaPrograms {
  /** Jars in a fixed order: an archive of loaded classes is only valid for the class path it was made with. */
  readonly kafkaClassPath: string;
  readonly questdbJar: string;
  readonly registryFolder: string;
}

const pom = join(import.meta.dirname, '..', 'pom.xml');

export async function fetchedJavaPrograms(
  cache: Cache,
  java: Java,
  systemTools: boolean,
  signal?: AbortSignal,
): Promise<JavaPrograms> {
  const version = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const make = async (staging: string): Promise<void> => {
    copyFileSync(pom, join(staging, 'pom.xml'));
    await runMaven(cache, { folder: staging, goals: ['package'], java, systemTools }, signal);
    // Needed for this one build only, and 250 MB.
    rmSync(mavenRepositoryIn(staging), { recursive: true, force: true });
  };
  const what = 'Kafka, QuestDB and the schema registry (250 MB)';
  const folder = await cache.installed(`java-programs-${version}`, what, make, signal);
  const questdbJar = globSync(join(folder, 'questdb', '*.jar'))[0];
  if (questdbJar === undefined) throw new Error(`${folder} has no QuestDB; remove the folder and start again.`);
  const kafkaClassPath = globSync(join(folder, 'kafka', '*.jar'))
    .sort()
    .join(':');
  return { kafkaClassPath, questdbJar, registryFolder: join(folder, 'registry') };
}
