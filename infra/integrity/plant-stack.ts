/** A whole platform of its own for one integrity test, with the plant's configuration. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKey } from '@millrace/auth';
import type { AccountingReport } from '@millrace/observe';
import { apiOf, applyConfiguration } from '../configure/apply-configuration.ts';
import { writeConfiguration } from '../configure/written-configuration.ts';
import { builtServices, type ServiceOptions, type Stack, startStack } from '../stack/index.ts';
import type { StoredRow } from './ledger.ts';
import { connected } from './connected.ts';
import { deviceUids, plantConfiguration, signal as signalName, table } from './plant.ts';

export interface PlantStack {
  readonly stack: Stack;
  readonly gateway: string;
  readonly apiKey: string;
  /** Of the tenant whose scripts attack, where there is one. */
  readonly hostileKey: string;
  readonly configDir: string;
  /** The accounting of an instance of a service; undefined while it does not answer. */
  accounting(instance: string): Promise<AccountingReport | undefined>;
  /** The rows of the plant's signal with the number of their copies; of one device or all. */
  storedRows(of?: Pick<StoredRow, 'tenant' | 'deviceUid'>): Promise<StoredRow[]>;
  /** The rows; none for a statement. */
  query(sql: string): Promise<readonly (readonly unknown[])[]>;
  stop(): Promise<void>;
}

export interface PlantOptions {
  /** A temporary folder unless given. */
  readonly dataDir?: string;
  /** A name twice means two instances. Each built service once unless given. */
  readonly services?: readonly string[];
  /** With a tenant whose scripts attack. */
  readonly hostile?: boolean;
  /** More variables, by service name. */
  readonly environment?: ServiceOptions['environment'];
  readonly signal?: AbortSignal;
  /** What goes on, for a person who waits. */
  readonly report?: (text: string) => void;
}

export async function startPlant(options: PlantOptions = {}): Promise<PlantStack> {
  const { services = builtServices(), environment = {}, report = () => {}, signal } = options;
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'millrace-integrity-'));
  const stack = await startStack({ dataDir, report }, signal);
  const stop = async (): Promise<void> => {
    await stack.stop('at once');
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const apiKey = generateKey();
    const hostileKey = generateKey();
    const files = plantConfiguration(stack.address('mosquitto'), apiKey, options.hostile ? hostileKey : undefined);
    const configDir = writeConfiguration(join(dataDir, 'config'), files);
    await stack.startServices(services, { configDir, environment }, signal);
    await stack.ready(signal);
    await applyConfiguration(apiOf(stack), configDir, { prune: false, signal });
    if (services.includes('client-manager')) await connected(stack, deviceUids.length, signal);
    const query = (sql: string) => queryRows(stack.address('questdb'), sql);
    return {
      stack,
      gateway: `http://127.0.0.1:${stack.port('gateway-1-ingest')}`,
      apiKey,
      hostileKey,
      configDir,
      accounting: (instance) => accountingOf(stack, instance),
      storedRows: async (of) => (await query(storedSql(of))).map(storedRow),
      query,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function storedSql(of?: Pick<StoredRow, 'tenant' | 'deviceUid'>): string {
  const one = of === undefined ? '' : `AND tenant = '${of.tenant}' AND device = '${of.deviceUid}'`;
  return `SELECT tenant, device, cast(ts AS long), value, count() FROM ${table}
    WHERE signal = '${signalName}' ${one} GROUP BY tenant, device, ts, value`;
}

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
  if (answer.error !== undefined) throw new Error(`QuestDB refused ${sql}: ${answer.error}`);
  return answer.dataset ?? [];
}

async function accountingOf(stack: Stack, instance: string): Promise<AccountingReport | undefined> {
  try {
    const url = `http://127.0.0.1:${stack.port(instance)}/v1/accounting`;
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    return response.ok ? ((await response.json()) as AccountingReport) : undefined;
  } catch {
    return undefined;
  }
}
