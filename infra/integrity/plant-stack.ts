/** A whole platform of its own for one integrity test, with the plant's configuration. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { generateKey } from '@millrace/auth';
import type { AccountingReport } from '@millrace/observe';
import { builtServices, type Stack, startStack } from '../stack/index.ts';
import type { StoredRow } from './ledger.ts';
import { plantConfiguration, signal, table } from './plant.ts';

export interface PlantStack {
  readonly stack: Stack;
  readonly gateway: string;
  readonly apiKey: string;
  /** The accounting of a service's first instance; undefined while it does not answer. */
  accounting(service: string): Promise<AccountingReport | undefined>;
  /** The rows of the plant's signal with the number of their copies. */
  storedRows(): Promise<StoredRow[]>;
  query(sql: string): Promise<readonly (readonly unknown[])[]>;
  stop(): Promise<void>;
}

export interface PlantOptions {
  /** A temporary folder unless given. */
  readonly dataDir?: string;
}

export async function startPlant(options: PlantOptions = {}): Promise<PlantStack> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'millrace-integrity-'));
  const stack = await startStack({ dataDir });
  const stop = async (): Promise<void> => {
    await stack.stop();
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const apiKey = generateKey();
    const configDir = join(dataDir, 'config');
    for (const [name, content] of Object.entries(plantConfiguration(stack.address('mosquitto'), apiKey))) {
      mkdirSync(dirname(join(configDir, name)), { recursive: true });
      writeFileSync(join(configDir, name), content, { mode: 0o600 });
    }
    await stack.startServices(builtServices(), { configDir });
    await stack.ready();
    const query = (sql: string) => queryRows(stack.address('questdb'), sql);
    return {
      stack,
      gateway: `http://127.0.0.1:${stack.port('gateway-1-ingest')}`,
      apiKey,
      accounting: (service) => accountingOf(stack, service),
      storedRows: async () => (await query(storedSql)).map(storedRow),
      query,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const storedSql = `SELECT tenant, device, cast(ts AS long), value, count() FROM ${table}
  WHERE signal = '${signal}' GROUP BY tenant, device, ts, value`;

const storedRow = ([tenant, deviceUid, micros, value, copies]: readonly unknown[]): StoredRow => ({
  tenant: String(tenant),
  deviceUid: String(deviceUid),
  timeMs: Number(micros) / 1_000,
  value: Number(value),
  copies: Number(copies),
});

async function queryRows(questdb: string, sql: string): Promise<readonly (readonly unknown[])[]> {
  const response = await fetch(`${questdb}/exec?query=${encodeURIComponent(sql)}`, {
    signal: AbortSignal.timeout(30_000),
  });
  const answer = (await response.json()) as { dataset?: unknown[][]; error?: string };
  if (!answer.dataset) throw new Error(`QuestDB refused ${sql}: ${answer.error}`);
  return answer.dataset;
}

async function accountingOf(stack: Stack, service: string): Promise<AccountingReport | undefined> {
  try {
    const url = `http://127.0.0.1:${stack.port(`${service}-1`)}/v1/accounting`;
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    return (await response.json()) as AccountingReport;
  } catch {
    return undefined;
  }
}
