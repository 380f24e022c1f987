import type { Connection } from './connector.ts';
import { connectorSuite } from './connector.suite.ts';
import type { OtherSide } from './testing/connector-bench.ts';
import { mqttConnection } from './testing/mqtt-connection.ts';
import { type BrokerSide, ScriptedBroker } from './testing/scripted-broker.ts';

/** A broker that accepts everybody and has something to say. */
class WillingBroker implements OtherSide {
  #broker: ScriptedBroker;
  #side: BrokerSide | undefined;
  #packetId = 0;

  private constructor(broker: ScriptedBroker) {
    this.#broker = broker;
  }

  static async start(): Promise<WillingBroker> {
    const willing: WillingBroker = new WillingBroker(
      await ScriptedBroker.start(5, { onConnect: (side) => willing.#accept(side) }),
    );
    return willing;
  }

  connection(deviceUid: string): Connection {
    const pattern = `${deviceUid === 'd1' ? 'plant' : 'other'}/{deviceUid}/up`;
    return mqttConnection({ url: this.#broker.url, deviceFrom: { kind: 'topic', pattern } });
  }

  say(value: number): void {
    this.#side?.publish({ id: (this.#packetId += 1), text: JSON.stringify({ value }) });
  }

  stall(): Promise<void> {
    // A PUBLISH of 100 bytes of which 2 come.
    this.#side?.sendBytes(Buffer.from('32640001', 'hex'));
    return Promise.resolve();
  }

  visits(): number {
    return this.#broker.connections.length;
  }

  cut(): void {
    this.#side?.cut();
  }

  async leave(): Promise<void> {
    await this.#broker.stop();
  }

  async comeBack(): Promise<void> {
    this.#broker = await ScriptedBroker.start(5, { port: this.#broker.port, onConnect: (side) => this.#accept(side) });
  }

  async close(): Promise<void> {
    await this.#broker.stop();
  }

  #accept(side: BrokerSide): void {
    this.#side = side;
    side.accept(false);
  }
}

connectorSuite({ kind: 'mqtt', awayCode: 'broker_unavailable', openOtherSide: () => WillingBroker.start() });
