/** Nest's custom transport over our batch consumer: one consumer for each group of `@OnBatch` methods. */
import { type BatchConsumerOptions, BatchConsumer, type Kafka, type Registry } from '@millrace/kafka';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import type { WorkInProgress } from '@millrace/kernel';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import type { BatchMeasure } from './consumer-metrics.ts';
import { type BatchHandlerExtras, batchTransport, type OnBatchOptions } from './on-batch.ts';

export interface BatchStrategyOptions {
  /** `millrace.<service>`; the groups of methods with a purpose add it. */
  readonly group: string;
  readonly kafka: Kafka;
  readonly registry: Pick<Registry, 'prepare'>;
  readonly measure: BatchMeasure;
  /** Knows of each batch from its fetch to its end. */
  readonly work: WorkInProgress;
  /** A consumer has ended for good: the process should too. */
  readonly onCrash: (error: unknown) => void;
}

type Handle = BatchConsumerOptions['handle'];

@Injectable()
export class BatchStrategy extends Server implements CustomTransportStrategy, BeforeApplicationShutdown {
  override readonly transportId = batchTransport;
  override readonly propagatesEventHandlerErrors = true;
  readonly #options: BatchStrategyOptions;
  readonly #starting = new AbortController();
  #consumers: readonly BatchConsumer[] = [];
  #closed: Promise<void> | undefined;

  constructor(options: BatchStrategyOptions) {
    super();
    this.#options = options;
  }

  /** Whether every group has given this process its partitions, or there are none. */
  get joined(): boolean {
    return this.#consumers.every((consumer) => consumer.joined);
  }

  listen(callback: (error?: unknown) => void): void {
    this.#start().then(() => callback(), callback);
  }

  /** Nest would close HTTP first; draining here keeps health and metrics answering meanwhile. */
  beforeApplicationShutdown(): Promise<void> {
    return this.close();
  }

  close(): Promise<void> {
    this.#starting.abort(new Error('The service stops.'));
    return (this.#closed ??= Promise.all(this.#consumers.map((consumer) => consumer.stop())).then(() => undefined));
  }

  override on(): never {
    throw new Error('The batch strategy has no events.');
  }

  override unwrap<T>(): T {
    return this.#consumers as T;
  }

  async #start(): Promise<void> {
    const groups = Map.groupBy(this.#handlers(), ({ options }) => options.purpose);
    this.#consumers = [...groups].map(([purpose, members]) => this.#consumer(purpose, members));
    await Promise.all(this.#consumers.map((consumer) => consumer.start(this.#starting.signal)));
  }

  #handlers(): readonly BatchHandler[] {
    return [...this.messageHandlers].map(([name, handler]) => {
      if (handler.next) throw new Error(`Two methods handle the batches of ${name}.`);
      return { ...(handler.extras as BatchHandlerExtras), handle: this.#handleOf(handler) };
    });
  }

  #consumer(purpose: string | undefined, members: readonly BatchHandler[]): BatchConsumer {
    const { group, kafka, measure, work, onCrash } = this.#options;
    const groupId = purpose === undefined ? group : `${group}.${purpose}`;
    const byTopic = new Map(members.map(({ topic, handle }) => [topic.name, handle]));
    return new BatchConsumer(kafka, {
      ...commonOptions(groupId, members),
      groupId,
      topics: [...byTopic.keys()],
      handle: async (batch) => {
        const handled = measure(groupId, batch);
        const ended = work.begin();
        try {
          await byTopic.get(batch.topic)?.(batch);
        } finally {
          ended();
        }
        handled();
      },
      onCrash,
    });
  }

  #handleOf(handler: MessageHandler): Handle {
    const { topic } = handler.extras as BatchHandlerExtras;
    return async (batch) => {
      if (topic.schema) await this.#options.registry.prepare(batch.records);
      await lastValueFrom(this.transformToObservable(await handler(batch)), { defaultValue: undefined });
    };
  }
}

interface BatchHandler extends BatchHandlerExtras {
  readonly handle: Handle;
}

function commonOptions(groupId: string, members: readonly BatchHandler[]): OnBatchOptions {
  const [first, ...others] = members.map(({ options }) => options);
  if (others.some((options) => JSON.stringify(options) !== JSON.stringify(first)))
    throw new Error(`The methods of group ${groupId} name different options: give one of them a purpose.`);
  const { purpose: _purpose, ...options } = first ?? {};
  return options;
}
