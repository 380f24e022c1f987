/** What the components are made of: found on the system or fetched into the cache, each at most once per run. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../user-error.ts';
import { Cache, cacheFolder } from './cache.ts';
import { hasDebianPackages, unpackedDebianPackages, type UnpackedPackages } from './debian-packages.ts';
import { findOrFetchJava, type Java } from './java.ts';
import { fetchedJavaPrograms, type JavaPrograms } from './java-programs.ts';
import { findProgram } from './search-path.ts';

export interface Program {
  readonly command: string;
  readonly environment: Readonly<Record<string, string>>;
}

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
  #daemons: Promise<UnpackedPackages> | undefined;

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

  redisServer(): Promise<Program> {
    return this.#daemon('redis-server', 'usr/bin/redis-server', 'Redis (redis-server)');
  }

  mosquitto(): Promise<Program> {
    return this.#daemon('mosquitto', 'usr/sbin/mosquitto', 'Mosquitto (mosquitto)');
  }

  /** File in which a JVM keeps its loaded classes between starts. */
  async classArchive(name: string): Promise<string> {
    const folder = join(this.#cache.folder, 'class-archives');
    mkdirSync(folder, { recursive: true });
    return join(folder, `${name}-${(await this.java()).version}.jsa`);
  }

  async #daemon(name: string, unpackedPath: string, what: string): Promise<Program> {
    const command = this.#systemTools ? findProgram(name) : undefined;
    if (command) return { command, environment: {} };
    if (!hasDebianPackages()) throw new UserError(`${what} was not found; install it and run the command again.`);
    this.#daemons ??= unpackedDebianPackages(this.#cache, daemons, this.#signal);
    const { root, environment } = await this.#daemons;
    return { command: join(root, unpackedPath), environment };
  }
}

const daemons = {
  name: 'daemons',
  what: 'Redis and Mosquitto (5 MB)',
  packages: ['redis-server', 'redis-tools', 'mosquitto'],
  programs: ['usr/bin/redis-server', 'usr/sbin/mosquitto'],
};
