/** The only door to kafkajs: nobody else imports it, and nobody gets a client that lacks the repairs. */
import { connect as connectTcp, type Socket } from 'node:net';
import type { Kafka as Client } from 'kafkajs';
import kafkajs from './kafkajs/kafkajs.ts';

export interface KafkaOptions {
  /** `host:port` of some brokers; the others are found through them. */
  readonly brokers: readonly string[];
  /** Names this process in the broker's log and quotas. */
  readonly clientId: string;
  /** What happened to the connection and is not an error of the caller; default: nobody hears it. */
  readonly onNotice?: (notice: KafkaNotice) => void;
}

/** Something an operator may want to know: what was tried, why it did not work, what happens now. */
export interface KafkaNotice {
  readonly level: 'debug' | 'warn' | 'error';
  /** One sentence in the past tense. */
  readonly sentence: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A slow network is not an outage, a dead host must be noticed. */
const connectionMsMax = 3_000;
/** A frozen broker must be noticed before sessions of 6 s have ended everywhere; waits of the broker itself are added by kafkajs. */
const requestMsMax = 10_000;
const keepAliveMs = 60_000;

/** Addresses and name of this process's connection to Kafka. Opaque to others than this library. */
export class Kafka {
  readonly #options: KafkaOptions;

  constructor(options: KafkaOptions) {
    this.#options = options;
  }

  /**
   * A kafkajs client of its own for each consumer, producer and reader: clients share the committed offsets of a group
   * among their consumers, and two members of one group in one process would overwrite each other's.
   */
  newClient(): Client {
    const { brokers, clientId } = this.#options;
    return new kafkajs.Kafka({
      brokers: [...brokers],
      clientId,
      connectionTimeout: connectionMsMax,
      requestTimeout: requestMsMax,
      // Bounded and short: this library repeats by itself, with the caller's signal.
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3 },
      socketFactory: ({ host, port, onConnect }) => connectWithoutDelay(host, port, onConnect),
      logLevel: kafkajs.logLevel.ERROR,
      logCreator: () => (entry) => {
        const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } = entry.log;
        this.notify({ level: 'debug', sentence: `kafkajs: ${message}`, fields });
      },
    });
  }

  notify(notice: KafkaNotice): void {
    this.#options.onNotice?.(notice);
  }
}

export function createKafka(options: KafkaOptions): Kafka {
  return new Kafka(options);
}

/** Small requests wait for each other's acknowledgement without TCP_NODELAY; kafkajs does not set it. */
function connectWithoutDelay(host: string, port: number, onConnect: () => void): Socket {
  const socket = connectTcp({ host, port, noDelay: true }, onConnect);
  return socket.setKeepAlive(true, keepAliveMs);
}
