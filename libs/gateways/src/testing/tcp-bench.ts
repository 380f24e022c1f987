/** A TCP gateway for tests, with small limits, a sink that obeys and a clock that stands still. */
import { ManualClock } from '@millrace/testkit';
import { CountingHop } from '../gateway.suite.ts';
import type { GatewayHandle } from '../gateway.ts';
import { tcpGateway } from '../tcp.gateway.ts';
import { AcmeAuthenticator, AcmeTokenDesk, deviceAuthorization } from './acme-authenticator.ts';
import { HeldSink } from './held-sink.ts';
import { LineClient } from './line-client.ts';

export const settings = tcpGateway.settings.parse({
  port: 0,
  connectionsMax: 4,
  unansweredPerConnectionMax: 4,
  unansweredMax: 6,
  unfinishedBytesMax: 300_000,
});

/** What stands on the first line for an Authorization header. */
export function credentialOf(authorization: string): string {
  const [scheme, value = ''] = authorization.split(' ');
  return scheme === 'Basic' ? atob(value) : value;
}

/** The first line of a device. */
export const hello = `RAW ${credentialOf(deviceAuthorization)}\n`;

/** The receipt of the sink's message of this number. */
export const receipt = (number: number): string => `OK ${number.toString(16).padStart(32, '0')}`;

export class TcpBench {
  readonly sink = new HeldSink();
  readonly hop = new CountingHop();
  readonly clock = new ManualClock();
  readonly authenticator = new AcmeAuthenticator();
  readonly tokens = new AcmeTokenDesk();
  readonly failures: unknown[] = [];
  readonly #clients: LineClient[] = [];
  #handle: GatewayHandle | undefined;

  static async start(): Promise<TcpBench> {
    const bench = new TcpBench();
    const { sink, authenticator, tokens, hop, clock, failures } = bench;
    const failed = (error: unknown): void => void failures.push(error);
    bench.#handle = await tcpGateway.start(settings, { sink, authenticator, tokens, hop, clock, failed });
    return bench;
  }

  get payloads(): readonly string[] {
    return this.sink.messages.map(({ payload }) => Buffer.from(payload).toString());
  }

  async connect(options?: Parameters<typeof LineClient.connect>[1]): Promise<LineClient> {
    const client = await LineClient.connect(this.#handle?.address ?? '', options);
    this.#clients.push(client);
    return client;
  }

  /** Resolves when the gateway has read what was written before: all its places are taken, so it answers at once. */
  async read(): Promise<void> {
    const tooMany = await this.connect();
    await tooMany.ended();
  }

  async stop(): Promise<void> {
    await this.#handle?.stop();
  }

  async close(): Promise<void> {
    this.sink.release();
    for (const client of this.#clients) client.destroy();
    await this.stop();
  }
}
