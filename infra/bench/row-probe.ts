/** Device → row: sends a message of its own now and then, and asks QuestDB until the row is there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Percentiles } from './percentiles.ts';
import { queryNumber } from './questdb-query.ts';
import { probeDevice, randomFrame } from './standard-load.ts';

export interface RowProbeTargets {
  readonly gateway: string;
  readonly questdb: string;
  readonly table: string;
  readonly apiKey: string;
}

/** Often enough for a percentile over two minutes; each question costs QuestDB about a millisecond. */
const intervalMs = 1_000;
const askAgainMs = 25;
const giveUpMs = 60_000;

export class RowProbe {
  readonly latencies = new Percentiles();
  readonly #targets: RowProbeTargets;
  #sent = 0;

  constructor(targets: RowProbeTargets) {
    this.#targets = targets;
  }

  /** Messages that were accepted; they are part of what must be stored. */
  get sent(): number {
    return this.#sent;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#measure();
      await sleep(intervalMs, undefined, { signal }).catch(() => {});
    }
  }

  async #measure(): Promise<void> {
    const { gateway, questdb, table, apiKey } = this.#targets;
    const time = new Date();
    const { tenant, deviceUid } = probeDevice;
    const message = { device: deviceUid, time: time.toISOString(), payload: randomFrame().toString('base64') };
    const response = await fetch(`${gateway}/v1/messages/batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [message] }),
    });
    if (!response.ok) return;
    this.#sent += 1;
    const sql = `SELECT count() FROM ${table} WHERE ts = '${time.toISOString()}' AND tenant = '${tenant}' AND device = '${deviceUid}'`;
    while ((await queryNumber(questdb, sql)) === 0 && Date.now() - time.getTime() < giveUpMs) await sleep(askAgainMs);
    this.latencies.add(Date.now() - time.getTime());
  }
}
