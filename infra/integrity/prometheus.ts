/** A real Prometheus that scrapes the services of a stack, to ask it what the dashboard and the alert rules would ask. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alertRulesFile } from '../prometheus/alert-rules.ts';
import type { Stack } from '../stack/index.ts';
import { chooseFreePorts, loopback, randomPortBase } from '../stack/ports.ts';
import { Toolchain } from '../stack/toolchain/toolchain.ts';

export interface PrometheusRun {
  /** Series of an instant query: their labels and values. Throws what Prometheus says about a wrong expression. */
  query(expression: string): Promise<readonly Series[]>;
  /** Names of all metrics that were scraped. */
  names(): Promise<ReadonlySet<string>>;
  stop(): Promise<void>;
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** Begins to scrape every second. */
export async function startPrometheus(stack: Stack): Promise<PrometheusRun> {
  const program = await new Toolchain().prometheus();
  const folder = mkdtempSync(join(tmpdir(), 'millrace-prometheus-'));
  const { port = 0 } = await chooseFreePorts({ names: ['port'], from: randomPortBase() });
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(configuration(stack)));
  const parameters = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`];
  const child = spawn(program, [...parameters, `--web.listen-address=${loopback}:${port}`], { stdio: 'ignore' });
  const ask = (path: string): Promise<unknown> => answerOf(`http://${loopback}:${port}/api/v1/${path}`);
  return {
    query: async (expression) => {
      const { result } = (await ask(`query?query=${encodeURIComponent(expression)}`)) as { result: readonly Series[] };
      return result;
    },
    names: async () => new Set((await ask('label/__name__/values')) as readonly string[]),
    stop: () => stop(child, folder),
  };
}

/** JSON is YAML. The labels are those that infra/prometheus/prometheus.yml gives. */
function configuration(stack: Stack): object {
  const services = stack.processes.filter(({ kind }) => kind === 'service');
  const targets = services.map(({ name, url }) => ({
    targets: [new URL(url ?? '').host],
    labels: { service: name },
  }));
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [alertRulesFile],
    scrape_configs: [{ job_name: 'millrace', static_configs: targets }],
  };
}

async function answerOf(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  const answer = (await response.json()) as { readonly data?: unknown; readonly error?: string };
  if (answer.error !== undefined) throw new Error(`Prometheus refused ${decodeURIComponent(url)}: ${answer.error}`);
  return answer.data;
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.kill()) await once(child, 'exit');
  rmSync(folder, { recursive: true, force: true });
}
