/** What can be set at the HTTP gateway. */
import { z } from 'zod';
import { tlsSettings } from './tls-identity.ts';

export const httpGatewaySettings = z.strictObject({
  host: z.string().default('127.0.0.1'),
  /** 0: any free port. */
  port: z.int().min(0).max(65_535),
  /** Room for 100 messages of 10 KiB; the body is in memory while it is read. */
  batchBytesMax: z
    .int()
    .min(1)
    .default(1024 * 1024),
  /** A pass over so many takes about a millisecond, in which nobody else is served. */
  messagesPerBatchMax: z.int().min(1).default(1000),
  /** Requests between head and answer; times `batchBytesMax` it bounds the memory of bodies to 512 MiB, usually far less. */
  requestsInFlightMax: z.int().min(1).default(512),
  /** Each idle connection costs some KiB and a descriptor; devices that keep theirs open need one each. */
  connectionsMax: z.int().min(1).default(20_000),
  /** Longer than a restart of Kafka takes, shorter than senders' and balancers' own time-outs usually are. */
  confirmMsMax: z.int().min(1).default(30_000),
});

export const httpsGatewaySettings = httpGatewaySettings.extend({ tls: tlsSettings });

export type HttpGatewaySettings = z.infer<typeof httpGatewaySettings>;
export type HttpsGatewaySettings = z.infer<typeof httpsGatewaySettings>;
