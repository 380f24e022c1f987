/** Opens a configured connection: its connector, the writer into the raw topic that is its own, and what both need. */
import type { KeyedSecrets } from '@millrace/auth';
import type { Configuration } from '@millrace/config';
import type { ConnectionConfig, RawBatch } from '@millrace/contracts';
import { checkConnection, type ConnectorEvents } from '@millrace/connectors';
import { type Admission, OwnedSink, RawWriter } from '@millrace/ingest';
import type { AvroCodec, DeadLetterWriter, RecordProducer } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import type { Accounting, Emitter } from '@millrace/observe';
import type { clientManagerEvents } from './client-manager-events.ts';
import type { OpenConnection } from './managed-connection.ts';
import { openedConnection } from './opened-connection.ts';
import { OwnedRejections } from './ownership/owned-rejections.ts';
import type { Owned } from './ownership/ownership.ts';
import { RejectedMessages } from './rejected-messages.ts';
import { TenantDevices } from './tenant-devices.ts';

/** A batch for Kafka closes after this time. Some brokers send no more than 50 messages before a receipt: so it is short. */
const lingerMs = 5;

/** Above what a connector leaves unacknowledged, so that its own limit stops it first. */
const messagesInFlightMax = 10_000;
const bytesInFlightMax = 16 * 1024 * 1024;

export interface ConnectionOpenerParts {
  readonly instance: string;
  readonly configuration: Pick<Configuration, 'device' | 'deviceByCode'>;
  readonly secrets: KeyedSecrets;
  readonly admission: Admission;
  /** See `ConnectorPorts`. */
  readonly outboundAllowed: readonly string[];
  readonly producer: RecordProducer;
  readonly codec: AvroCodec<RawBatch>;
  readonly letters: DeadLetterWriter;
  readonly accounting: Accounting;
  readonly events: Emitter<typeof clientManagerEvents>;
}

/** Throws `configuration_invalid` for settings the connector refuses and a secret that does not open. */
export function openConnection(parts: ConnectionOpenerParts, config: ConnectionConfig, owned: Owned): OpenConnection {
  const { instance, configuration, secrets, admission, outboundAllowed, producer, codec, accounting } = parts;
  const connection = checkConnection(openedConnection(config, secrets));
  const connectionId = `${config.tenant}/${config.connectionId}`;
  const origin = { ingestor: instance, protocol: config.kind, connectionId, epoch: owned.epoch };
  const limits = { lingerMs, messagesInFlightMax, bytesInFlightMax };
  const writer = new RawWriter({ producer, admission, codec, ...origin, ...limits });
  const ending = new AbortController();
  const ended = AbortSignal.any([ending.signal, owned.ended]);
  const { promise: confirmed, resolve: confirm } = Promise.withResolvers<unknown>();
  const events = eventsOf(config, parts.events);
  const letters = new RejectedMessages({ ...parts, origin, clock: systemClock, signal: ended });
  const handle = connection.open(
    {
      sink: new OwnedSink({ sink: writer, confirmed, lease: owned }),
      devices: new TenantDevices(config.tenant, configuration),
      rejectedMessages: new OwnedRejections(letters, owned),
      mayConnect: () => owned.isValid(),
      outboundAllowed,
      hop: accounting.hop(config.kind),
      events: {
        ...events,
        connected(fields) {
          events.connected(fields);
          confirm(owned.confirm(origin));
        },
      },
      clock: systemClock,
      random: Math.random,
    },
    ended,
  );
  return {
    handle,
    async close(signal) {
      await handle.close(signal);
      ending.abort();
      await writer.close(signal);
    },
  };
}

function eventsOf(
  { tenant, connectionId }: ConnectionConfig,
  events: Emitter<typeof clientManagerEvents>,
): ConnectorEvents {
  const of = { tenant, connectionId };
  return {
    connected: (fields) => events.brokerConnected({ ...of, ...fields }),
    lost: (fields) => events.brokerLost({ ...of, ...fields }),
    subscriptionRefused: (fields) => events.subscriptionRefused({ ...of, ...fields }),
    paused: (fields) => events.readingPaused({ ...of, ...fields }),
    resumed: (fields) => events.readingResumed({ ...of, ...fields }),
    readsFailed: ({ changed, ...fields }) => {
      events.readsFailed({ ...of, ...fields });
      if (changed) events.refusedValuesChanged({ ...of, ...fields });
    },
    answerUnchanged: () => events.answerUnchanged(of),
    messagesRejected: (fields) => events.messagesRejected({ ...of, ...fields }),
  };
}
