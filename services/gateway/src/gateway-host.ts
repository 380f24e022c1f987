/** Runs the gateways of this process, each with its own writer and accounting hop. */
import { type RawBatch, topics } from '@millrace/contracts';
import type { DeviceAuthenticator, Gateway, GatewayHandle, TokenDesk } from '@millrace/gateways';
import { type Admission, RawWriter } from '@millrace/ingest';
import type { RecordProducer, Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import type { Accounting, Emitter } from '@millrace/observe';
import type { gatewayEvents } from './gateway-events.ts';

/**
 * A batch for Kafka closes after this time: what a single message waits at most. Every batch costs Kafka and the parser the
 * same per partition, however little is in it.
 */
const lingerMs = 20;
/** A second of 50,000 messages: Kafka confirms within milliseconds, so only an outage fills it, and then senders are told. */
const messagesInFlightMax = 50_000;
const bytesInFlightMax = 64 * 1024 * 1024;

export interface GatewayHostParts {
  readonly instance: string;
  readonly authenticator: DeviceAuthenticator;
  readonly admission: Admission;
  readonly tokens: TokenDesk;
  readonly producer: RecordProducer;
  readonly registry: Registry;
  readonly accounting: Accounting;
  readonly events: Emitter<typeof gatewayEvents>;
}

interface RunningGateway {
  readonly handle: GatewayHandle;
  readonly writer: RawWriter;
}

export class GatewayHost {
  readonly #parts: GatewayHostParts;
  #running: readonly RunningGateway[] = [];

  constructor(parts: GatewayHostParts) {
    this.#parts = parts;
  }

  /** Where devices send to, as URLs. */
  get addresses(): readonly string[] {
    return this.#running.map(({ handle }) => handle.address);
  }

  /** Listens when the promise resolves; throws when the address is taken. */
  async start<Settings>(gateway: Gateway<Settings>, settings: Settings): Promise<void> {
    const { instance, authenticator, tokens, admission, producer, registry, accounting, events } = this.#parts;
    const hop = accounting.hop(gateway.name, () => writer.messagesInFlight);
    const writer: RawWriter = new RawWriter({
      producer,
      admission,
      accounting: hop,
      codec: await registry.codec<RawBatch>(topics.raw),
      ingestor: instance,
      protocol: gateway.name,
      connectionId: null,
      epoch: -1,
      lingerMs,
      messagesInFlightMax,
      bytesInFlightMax,
      clock: systemClock,
    });
    const handle = await gateway.start(settings, {
      sink: writer,
      authenticator,
      tokens,
      hop,
      clock: systemClock,
      failed: (error) => events.requestFailed({ gateway: gateway.name, error }),
    });
    this.#running = [...this.#running, { handle, writer }];
    events.gatewayListened({ gateway: gateway.name, address: handle.address });
  }

  /** Requests in flight get their receipts; then nothing is left to write. */
  async stop(): Promise<void> {
    await Promise.all(
      this.#running.map(async ({ handle, writer }) => {
        await handle.stop();
        await writer.close();
      }),
    );
  }
}
