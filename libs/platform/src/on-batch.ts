/** Marks the method of a controller that gets whole batches of a topic. */
import type { Topic } from '@millrace/contracts';
import type { BatchConsumerOptions, RecordBatch } from '@millrace/kafka';
import { UseFilters } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { RethrowFilter } from './rethrow.filter.ts';

/** How the topic is read; see `BatchConsumerOptions`. */
export interface OnBatchOptions extends Pick<
  BatchConsumerOptions,
  'bytesMin' | 'waitMsMax' | 'intervalMsMin' | 'bytesMax' | 'concurrency' | 'readCommitted'
> {
  /**
   * Makes the consumer group `millrace.<service>.<purpose>`; without it the group is `millrace.<service>`. Methods of one
   * group share a consumer, so they must name the same options.
   */
  readonly purpose?: string;
}

export type BatchMethod = (batch: RecordBatch) => Promise<void>;

export const batchTransport = Symbol('millrace.batch');

/** What the decorator leaves for the strategy. */
export interface BatchHandlerExtras {
  readonly topic: Topic;
  readonly options: OnBatchOptions;
}

/**
 * Hands batches of the topic to the method, which settles what is done (see `BatchConsumerOptions.handle` for what a
 * return and a throw mean). The schemas that the records name are loaded before, so codecs decode at once. One method per
 * topic and service.
 */
export function OnBatch(topic: Topic, options: OnBatchOptions = {}) {
  return (target: object, key: string, descriptor: TypedPropertyDescriptor<BatchMethod>): void => {
    const extras: BatchHandlerExtras = { topic, options };
    EventPattern<string>(topic.name, batchTransport, { ...extras })(target, key, descriptor);
    Payload()(target, key, 0);
    UseFilters(RethrowFilter)(target, key, descriptor);
  };
}
