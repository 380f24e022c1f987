import type { Connection } from './connector.ts';
import { connectorSuite, type OtherSide } from './connector.suite.ts';
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
    return {
      tenant: 'acme',
      connectionId: 'broker',
      kind: 'mqtt',
      url: this.#broker.url,
      clientId: 'millrace-test',
      protocolVersion: 5,
      keepaliveSeconds: 60,
      username: null,
      password: null,
      subscriptions: [{ topicFilter: 'plant/+/up', qos: 1 }],
      deviceFrom: { kind: 'topic', pattern: `${deviceUid === 'd1' ? 'plant' : 'other'}/{deviceUid}/up` },
      tls: null,
      modbus: null,
    };
  }

  say(value: number): void {
    this.#side?.publish({ id: (this.#packetId += 1), text: JSON.stringify({ value }) });
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
