/** Devices that publish to the broker with QoS 1; a message counts as acknowledged when the broker said so. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import type { Ledger, LedgerEntry } from './ledger.ts';
import { payloadOf } from './plant.ts';

export interface MqttSenderOptions {
  readonly broker: string;
  readonly tenant: string;
  readonly devices: readonly string[];
  /** Turns a second; every device publishes once a turn. */
  readonly rate: number;
  readonly valueOf: (turn: number) => number | null;
}

export class MqttSender {
  readonly #options: MqttSenderOptions;
  readonly #ledger: Ledger;
  #lastTimeMs = 0;

  constructor(options: MqttSenderOptions, ledger: Ledger) {
    this.#options = options;
    this.#ledger = ledger;
  }

  /** Publishes until the signal fires, then waits for the last PUBACK. */
  async run(signal: AbortSignal): Promise<void> {
    const { broker, tenant, rate } = this.#options;
    const client = await connectAsync(broker, { clientId: `sender-${tenant}`, protocolVersion: 5 });
    const published: Promise<void>[] = [];
    for (let turn = 0; !signal.aborted; turn += 1) {
      published.push(...this.#publishTurn(client, turn));
      await sleep(1_000 / rate, undefined, { signal }).catch(() => {});
    }
    await Promise.all(published);
    await client.endAsync();
  }

  #publishTurn(client: MqttClient, turn: number): Promise<void>[] {
    const { tenant, devices, valueOf } = this.#options;
    this.#lastTimeMs = Math.max(Date.now(), this.#lastTimeMs + 1);
    const timeMs = this.#lastTimeMs;
    return devices.map(async (deviceUid, index) => {
      const entry: LedgerEntry = { tenant, deviceUid, timeMs, value: valueOf(turn + index) };
      this.#ledger.send([entry]);
      await client.publishAsync(`${tenant}/${deviceUid}/up`, JSON.stringify(payloadOf(entry.value)), {
        qos: 1,
        properties: { userProperties: { 'millrace-time': new Date(timeMs).toISOString() } },
      });
      this.#ledger.acknowledge([entry]);
    });
  }
}
