/** The way into the stream for messages that a person sends: the same as that of the gateways, with small limits. */
import { type RawBatch, topics } from '@millrace/contracts';
import { type Admission, RawWriter } from '@millrace/ingest';
import type { RecordProducer, Registry } from '@millrace/kafka';
import type { Accounting } from '@millrace/observe';

/** A person waits for one message; company is not to be expected. */
const lingerMs = 1;
const messagesInFlightMax = 100;
const bytesInFlightMax = 4 * 1024 * 1024;

export async function createHandWriter(
  instance: string,
  producer: RecordProducer,
  registry: Registry,
  accounting: Accounting,
  admission: Admission,
): Promise<RawWriter> {
  const writer: RawWriter = new RawWriter({
    producer,
    admission,
    codec: await registry.codec<RawBatch>(topics.raw),
    accounting: accounting.hop('by-hand', () => writer.messagesInFlight),
    ingestor: instance,
    protocol: 'by-hand',
    connectionId: null,
    epoch: -1,
    lingerMs,
    messagesInFlightMax,
    bytesInFlightMax,
  });
  return writer;
}
