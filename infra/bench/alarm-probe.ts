/** Device → alarm: reads the alarm events as a subscriber would; the device's time in them says when the message left. */
import { type AlarmEvent, topics } from '@millrace/contracts';
import { BatchConsumer, connectRegistry, createKafka } from '@millrace/kafka';
import { Percentiles } from './percentiles.ts';

const microsPerMs = 1_000;

export class AlarmProbe {
  #latencies = new Percentiles();
  #consumer: BatchConsumer | undefined;

  get latencies(): Percentiles {
    return this.#latencies;
  }

  /** Forgets what was measured so far. */
  restart(): void {
    this.#latencies = new Percentiles();
  }

  async start(brokers: string, registryUrl: string): Promise<void> {
    const registry = connectRegistry({ url: registryUrl });
    const codec = await registry.codec<AlarmEvent>(topics.alarmEvents);
    this.#consumer = new BatchConsumer(createKafka({ brokers: [brokers], clientId: 'bench' }), {
      groupId: 'bench.alarms',
      topics: [topics.alarmEvents.name],
      readCommitted: true,
      onCrash: (error) => {
        throw error;
      },
      handle: async (batch) => {
        await registry.prepare(batch.records);
        const nowMs = Date.now();
        for (const { value } of batch.records)
          if (value) this.#latencies.add(nowMs - codec.decode(value).timeMicros / microsPerMs);
        batch.settle(batch.records.length);
      },
    });
    await this.#consumer.start();
  }

  async stop(): Promise<void> {
    await this.#consumer?.stop();
  }
}
