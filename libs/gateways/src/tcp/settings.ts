/** What can be set at the TCP gateway. */
import { z } from 'zod';
import { tlsSettings } from '../tls-identity.ts';

export const tcpGatewaySettings = z.strictObject({
  host: z.string().default('127.0.0.1'),
  /** 0: any free port. */
  port: z.int().min(0).max(65_535),
  /** Each idle connection costs some KiB and a descriptor; devices keep theirs open. */
  connectionsMax: z.int().min(1).default(20_000),
  /** Lines of one connection whose answer is not written: its sender waits then, and the others have room. */
  unansweredPerConnectionMax: z.int().min(1).default(1_000),
  /** Of all connections together; below what the sink takes, so that a full house pauses senders before it refuses lines. */
  unansweredMax: z.int().min(1).default(20_000),
  unansweredBytesMax: z
    .int()
    .min(1)
    .default(32 * 1024 * 1024),
  /** Lines that have begun and not ended, of all connections together: 20,000 that stop in a long line must not fill the memory. */
  unfinishedBytesMax: z
    .int()
    .min(1)
    .default(64 * 1024 * 1024),
  /** A machine on a bad link needs a second or two for its first line; a scanner of ports sends none. */
  firstLineMsMax: z.int().min(1).default(10_000),
  /** Devices that report every ten minutes stay connected; one that vanished without a word does not stay for ever. */
  idleMsMax: z
    .int()
    .min(1)
    .default(15 * 60_000),
  /** Longer than a restart of Kafka takes. */
  confirmMsMax: z.int().min(1).default(30_000),
});

export const tcpsGatewaySettings = tcpGatewaySettings.extend({ tls: tlsSettings });

export type TcpGatewaySettings = z.infer<typeof tcpGatewaySettings>;
export type TcpsGatewaySettings = z.infer<typeof tcpsGatewaySettings>;
