/** An MQTT broker of another make than the stack's, in this process: Aedes, which speaks MQTT 3.1.1 and keeps sessions in memory. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Aedes } from 'aedes';
import { loopback } from '../stack/ports.ts';

export class AedesBroker {
  readonly #server: Server;
  readonly #broker: Aedes;

  private constructor(broker: Aedes) {
    this.#broker = broker;
    this.#server = createServer((socket) => void broker.handle(socket));
  }

  static async start(): Promise<AedesBroker> {
    const started = new AedesBroker(await Aedes.createBroker());
    started.#server.listen(0, loopback);
    await once(started.#server, 'listening');
    return started;
  }

  get url(): string {
    return `mqtt://${loopback}:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#broker.close(resolve));
    this.#server.close();
  }
}
