/**
 * PostgreSQL, reached over TCP by one role that is no superuser: row-level security binds it, and it can neither read files
 * nor start programs. The superuser has no password, so nobody can log in as it.
 */
import { chownSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type GuardedComponent, portOf } from '../component.ts';
import { loopback, type Ports } from '../ports.ts';
import { runCommand } from '../run-command.ts';
import { secretIn } from '../secret-key.ts';
import { UserError } from '../user-error.ts';
import { findProgram } from '../toolchain/search-path.ts';
import { exchange } from './tcp-exchange.ts';

/** Name of the role, and of the database that it owns. */
const role = 'millrace';
const superuser = 'postgres';

/** What a new server is told first. Tests make databases of their own, migrations may make roles. */
export const firstStatements = (password: string): readonly string[] => [
  `CREATE ROLE ${role} LOGIN CREATEDB CREATEROLE PASSWORD '${password}';`,
  `CREATE DATABASE ${role} OWNER ${role};`,
];

/** The same order of texts on every machine: that of their code points. */
export const initdbParameters: readonly string[] = [
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
];

/** Those that have nothing to do with the place. */
export const postgresSettings: Readonly<Record<string, string>> = {
  shared_buffers: '16MB',
  max_connections: '100',
  max_wal_size: '256MB',
  // Its default is three more processes.
  io_method: 'sync',
  max_logical_replication_workers: '0',
  log_checkpoints: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

export const postgres: GuardedComponent = {
  name: 'postgres',
  portNames: ['postgres'],

  async prepare({ folder, ports }, toolchain, signal) {
    const programs = await toolchain.postgres();
    const data = join(folder, 'data');
    if (!existsSync(data)) await makeCluster(programs, folder, signal);
    const settings = {
      listen_addresses: loopback,
      port: String(portOf(ports, 'postgres')),
      unix_socket_directories: '',
      ...postgresSettings,
    };
    const [command, ...parameters] = startedBySomebody(join(programs, 'postgres'));
    parameters.push('-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]));
    // SIGTERM would wait for every client to leave.
    return { command, parameters, stopSignal: 'SIGINT' };
  },

  address: (ports) => url(role, ports),
  addressWithPassword: (ports, folder) => url(`${role}:${passwordIn(folder)}`, ports),

  /** While it recovers it refuses with an error (`E`); when it serves, it asks for the password (`R`). */
  async isReady(ports, signal) {
    const [answer] = await exchange(portOf(ports, 'postgres'), [startupMessage], signal);
    return answer!.toString('latin1', 0, 1) === 'R';
  },
};

const url = (user: string, ports: Ports): string =>
  `postgres://${user}@${loopback}:${portOf(ports, 'postgres')}/${role}`;

const passwordIn = (folder: string): string => secretIn(join(folder, 'password'));

/** Whole or absent: made beside its place. */
async function makeCluster(programs: string, folder: string, signal?: AbortSignal): Promise<void> {
  const making = join(folder, 'data.part');
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { mode: 0o700 });
  if (isRoot()) chownSync(making, nobody, nobody);
  const [initdb, ...parameters] = startedBySomebody(join(programs, 'initdb'));
  parameters.push('-D', making, '--username', superuser, '--auth-local=peer', '--auth-host=scram-sha-256');
  await runCommand(initdb, [...parameters, ...initdbParameters], { signal });
  const [server, ...single] = startedBySomebody(join(programs, 'postgres'));
  single.push('--single', '-D', making, '-c', 'exit_on_error=on', superuser);
  await runCommand(server, single, { input: `${firstStatements(passwordIn(folder)).join('\n')}\n`, signal });
  renameSync(making, join(folder, 'data'));
}

const isRoot = (): boolean => process.getuid?.() === 0;

/** `nobody` on every Linux. */
const nobody = 65_534;

/** The command line that starts a program of PostgreSQL: they refuse root, and a user without a name. */
function startedBySomebody(program: string): [string, ...string[]] {
  if (isRoot()) return [...withoutRoot(), program];
  return hasName() ? [program] : [...withName(), program];
}

/**
 * As `nobody`, who may pass through folders of root, where both programs and data often are, also when access(2) is asked,
 * which the programs do.
 */
function withoutRoot(): [string, ...string[]] {
  const user = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
  const capabilities = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--securebits=+no_setuid_fixup'];
  return [fromUtilLinux('setpriv', 'run as root'), ...user, ...capabilities, '--'];
}

/** A container's user is often a number only: to the program it is `nobody`, to the system it stays who it is. */
function withName(): [string, ...string[]] {
  const unshare = fromUtilLinux('unshare', 'run for a user without an entry in /etc/passwd');
  return [unshare, '--user', `--map-user=${nobody}`, `--map-group=${nobody}`, '--'];
}

function hasName(): boolean {
  try {
    return userInfo().username !== '';
  } catch {
    return false;
  }
}

function fromUtilLinux(name: string, what: string): string {
  const found = process.platform === 'linux' ? findProgram(name) : undefined;
  if (found) return found;
  throw new UserError(`PostgreSQL does not ${what}; run millrace as another user, or install ${name} (util-linux).`);
}

/** StartupMessage of protocol 3.0: length, version, names and values ended by zeros, and a zero. */
const startupMessage = startup(`user\0${role}\0database\0${role}\0\0`);

function startup(text: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeInt32BE(header.length + Buffer.byteLength(text), 0);
  header.writeInt32BE(3 << 16, 4);
  return Buffer.concat([header, Buffer.from(text)]);
}
