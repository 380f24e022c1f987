/**
 * The load: 400 messages a second over HTTP and 200 over MQTT, device times that never go back (ADR 005), a value that passes
 * the rule's threshold again and again, and now and then a message that its script refuses or one that is sent twice. Meanwhile
 * the api is read, and a tenant attacks with its scripts.
 */
import { HttpSender } from '../integrity/http-sender.ts';
import { Ledger } from '../integrity/ledger.ts';
import { MqttSender } from '../integrity/mqtt-sender.ts';
import type { PlantStack } from '../integrity/plant-stack.ts';
import { alarmThreshold, deviceUids, httpTenant, mqttTenant, valueAt } from '../integrity/plant.ts';
import { ApiReader } from './api-reader.ts';
import { HostileLoad } from './hostile-load.ts';

/** One device each, one request at a time: what is sent again does not overtake what follows. */
const httpRequestsPerSecond = 8;
const httpMessagesPerRequest = 5;
const repeatEvery = 20;
const mqttTurnsPerSecond = 20;
/** No divisor of the value's cycle, so that it hits every value in turn. */
const refusedEvery = 61;

export class ProvingLoad {
  readonly ledger = new Ledger();
  readonly reader: ApiReader;
  readonly hostile: HostileLoad;
  readonly #senders: readonly HttpSender[];
  readonly #mqtt: MqttSender;
  readonly #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(plant: PlantStack) {
    const { gateway, apiKey, stack } = plant;
    this.reader = new ApiReader({ api: `http://127.0.0.1:${stack.port('api-1')}`, apiKey, devices: deviceUids });
    this.hostile = new HostileLoad(plant);
    const http = { gateway, apiKey, tenant: httpTenant, rate: httpRequestsPerSecond, requestsMax: 1, repeatEvery };
    this.#senders = deviceUids.map((deviceUid, index) => {
      const valueOf = (turn: number): number | null => valueOrRefused(turn + index * 7);
      const options = { ...http, devices: [deviceUid], messagesPerDevice: httpMessagesPerRequest, valueOf };
      return new HttpSender(options, this.ledger);
    });
    this.#mqtt = new MqttSender(
      {
        broker: stack.address('mosquitto'),
        tenant: mqttTenant,
        devices: deviceUids,
        rate: mqttTurnsPerSecond,
        valueOf: valueOrRefused,
      },
      this.ledger,
    );
  }

  get requestsSentAgain(): number {
    return this.#senders.reduce((sum, { interrupted }) => sum + interrupted, 0);
  }

  start(): void {
    const { signal } = this.#stopping;
    const senders = [...this.#senders, this.#mqtt, this.reader, this.hostile];
    this.#running = Promise.all(senders.map((sender) => sender.run(signal)));
    this.#running.catch(() => {}); // Told by `stop`.
  }

  /** Sends no more; resolves when everything sent has its receipt. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }
}

/** In alarm for half of the time: a state that is lost is then likely to be a wrong one. */
function valueOrRefused(turn: number): number | null {
  if (turn % refusedEvery === 0) return null;
  const value = valueAt(turn);
  return value < alarmThreshold / 2 ? value : alarmThreshold + value;
}
