/** What the components are made of: found on the system or fetched into the cache, each at most once per run. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../user-error.ts';
import { Cache, cacheFolder } from './cache.ts';
import { findOrFetchChromium } from './chromium.ts';
import { type DebianPrograms, hasDebianPackages, unpackedDebianPackages } from './debian-packages.ts';
import { findOrFetchJava, type Java } from './java.ts';
import { fetchedK6 } from './k6.ts';
import { fetchedJavaPrograms, type JavaPrograms } from './java-programs.ts';
import { packagedJavaProject } from './java-project.ts';
import { fetchedPostgres } from './postgres.ts';
import { fetchedSchemathesis } from './schemathesis.ts';
import { findProgram } from './search-path.ts';

export interface ToolchainOptions {
  readonly cacheFolder?: string;
  /** False: everything comes from the cache, as on a machine that has nothing. */
  readonly systemTools?: boolean;
  readonly report?: (text: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export class Toolchain {
  readonly #cache: Cache;
  readonly #systemTools: boolean;
  readonly #signal: AbortSignal | undefined;
  #java: Promise<Java> | undefined;
  #javaPrograms: Promise<JavaPrograms> | undefined;
  readonly #unpacked = new Map<DebianPrograms, Promise<string>>();

  constructor(options: ToolchainOptions = {}) {
    this.#cache = new Cache(options.cacheFolder ?? cacheFolder(), options.report ?? (() => {}));
    this.#systemTools = options.systemTools ?? process.env['MILLRACE_SYSTEM_TOOLS'] !== '0';
    this.#signal = options.signal;
  }

  java(): Promise<Java> {
    this.#java ??= findOrFetchJava(this.#cache, this.#systemTools, this.#signal);
    return this.#java;
  }

  javaPrograms(): Promise<JavaPrograms> {
    this.#javaPrograms ??= this.java().then((java) =>
      fetchedJavaPrograms(this.#cache, java, this.#systemTools, this.#signal),
    );
    return this.#javaPrograms;
  }

  /** Class path of a Maven project of this repository, packaged. */
  async javaProject(folder: string): Promise<string> {
    const project = { folder, java: await this.java(), systemTools: this.#systemTools };
    return packagedJavaProject(this.#cache, project, this.#signal);
  }

  /** Path of an executable that takes Redis's own parameters. */
  redisServer(): Promise<string> {
    return this.#program('redis-server', 'Redis', daemons);
  }

  /** Path of an executable that takes Mosquitto's own parameters. */
  mosquitto(): Promise<string> {
    return this.#program('mosquitto', 'Mosquitto', daemons);
  }

  /** Folder of PostgreSQL's executables: `postgres`, `initdb`, `pg_ctl`. */
  postgres(): Promise<string> {
    return fetchedPostgres(this.#cache, this.#signal);
  }

  /** Path of an executable that checks Prometheus's files. */
  promtool(): Promise<string> {
    return this.#program('promtool', 'promtool', monitoring);
  }

  /** Path of an executable that takes Prometheus's own parameters. */
  prometheus(): Promise<string> {
    return this.#program('prometheus', 'Prometheus', monitoring);
  }

  /** Path of Grafana k6, built from source when it is asked for first. */
  k6(): Promise<string> {
    return fetchedK6(this.#cache, this.#systemTools, this.#signal);
  }

  /** For the tests of the api: path of an executable that takes Schemathesis's own parameters. */
  schemathesis(): Promise<string> {
    return fetchedSchemathesis(this.#cache, this.#signal);
  }

  /** For the tests of pages: path of an executable that takes Chromium's own parameters. */
  chromium(): Promise<string> {
    return findOrFetchChromium(this.#cache, this.#signal);
  }

  /** File in which a JVM keeps its loaded classes between starts. */
  async classArchive(name: string): Promise<string> {
    const folder = join(this.#cache.folder, 'class-archives');
    mkdirSync(folder, { recursive: true });
    return join(folder, `${name}-${(await this.java()).version}.jsa`);
  }

  async #program(program: string, name: string, packages: DebianPrograms): Promise<string> {
    const found = this.#systemTools ? findProgram(program) : undefined;
    if (found) return found;
    if (!hasDebianPackages())
      throw new UserError(`${name} (${program}) was not found; install it and run the command again.`);
    const unpacked = this.#unpacked.get(packages) ?? unpackedDebianPackages(this.#cache, packages, this.#signal);
    this.#unpacked.set(packages, unpacked);
    return join(await unpacked, 'run', program);
  }
}

const daemons = {
  name: 'daemons',
  what: 'Redis and Mosquitto (5 MB)',
  packages: ['redis-server', 'redis-tools', 'mosquitto'],
  programs: ['usr/bin/redis-server', 'usr/sbin/mosquitto'],
};

/** Fetched by the tests only. */
const monitoring = {
  name: 'prometheus',
  what: 'Prometheus (20 MB)',
  packages: ['prometheus'],
  programs: ['usr/bin/prometheus', 'usr/bin/promtool'],
};
