/** One run of k6 with a script of `load-tests/`, in front of the person who started it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../stack/service-launch.ts';
import { loadTable, loadTenant } from './load-tenant.ts';

/** Where the load goes and where its outcome is looked up. */
export interface LoadTarget {
  readonly gatewayUrl: string;
  readonly apiUrl: string;
  readonly questdbUrl: string;
  readonly apiKey: string;
}

/** See `load-tests/settings.ts`; undefined: as usual there. */
export interface LoadOrder {
  readonly profile: string;
  readonly devices: number;
  readonly messagesPerSecond?: number | undefined;
  readonly seconds?: number | undefined;
  readonly quietSeconds?: number | undefined;
  /** Path of the results without an ending. */
  readonly results: string;
  readonly format: 'text' | 'json';
}

export interface K6Run {
  readonly k6: string;
  readonly target: LoadTarget;
  readonly order: LoadOrder;
  /** False: nothing but the summary is written to stdout. */
  readonly progress: boolean;
  /** `capture`: stdout is returned instead of shown. */
  readonly output?: 'show' | 'capture';
}

export interface K6Outcome {
  /** 0, or one of k6's exit codes: 99 says that a threshold was crossed. */
  readonly code: number;
  readonly stdout: string;
}

const script = join(root, 'load-tests', 'ingest-http.ts');
const inherited = ['PATH', 'HOME', 'TERM', 'NO_COLOR'];

/** Resolves when k6 has ended; when the signal fires it ends its run in order, and says so in its exit code. */
export async function runK6(run: K6Run, signal: AbortSignal): Promise<K6Outcome> {
  const captured = run.output === 'capture';
  const parameters = ['run', ...(run.progress ? [] : ['--quiet']), '--log-format', 'raw', script];
  // A group of its own: Ctrl-C in the terminal would reach it twice, and the second one makes it drop everything.
  const child = spawn(run.k6, parameters, {
    env: environmentOf(run),
    detached: true,
    stdio: ['ignore', captured ? 'pipe' : 'inherit', captured ? 'ignore' : 'inherit'],
  });
  const stop = (): void => void child.kill('SIGINT');
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  process.once('exit', kill);
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code: code ?? 1, stdout };
  } finally {
    signal.removeEventListener('abort', stop);
    process.off('exit', kill);
  }
}

/** The key is handed over here and not as a parameter, which everybody on the machine could read. */
function environmentOf({ target, order }: K6Run): Record<string, string> {
  const optional = { RATE: order.messagesPerSecond, SECONDS: order.seconds, QUIET_SECONDS: order.quietSeconds };
  const given = Object.entries(optional).flatMap(([name, value]) => (value === undefined ? [] : [[name, `${value}`]]));
  const usual = inherited.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  return {
    ...(Object.fromEntries([...usual, ...given]) as Record<string, string>),
    GATEWAY_URL: target.gatewayUrl,
    API_URL: target.apiUrl,
    QUESTDB_URL: target.questdbUrl,
    API_KEY: target.apiKey,
    TENANT: loadTenant,
    TABLE: loadTable,
    PROFILE: order.profile,
    DEVICES: String(order.devices),
    RESULTS: order.results,
    FORMAT: order.format,
    // Nothing is fetched and nothing is told to anybody.
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    K6_NO_USAGE_REPORT: 'true',
  };
}
