/**
 * The contract of connectors: protocols in which we dial out, to a broker or a machine. One connector is one file
 * `<kind>.connector.ts`; what it needs from outside is handed in as ports.
 */
import type { ConnectionConfig, ErrorCode, MessageSink, ReceivedMessage } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import type { ZodType } from 'zod';

export interface Connector<Settings> {
  /** Name in the configuration (`kind`) and in raw records (`protocol`). */
  readonly kind: string;
  /** Checks a connection once; unknown keys are errors. Afterwards everything is present and read-only. */
  readonly settings: ZodType<Settings>;
  /**
   * Whether the other side serves an old owner beside a new one, because it hands its messages to whoever of a group asks. Then what
   * an old owner still sends is accepted, and counted; everywhere else it is refused.
   */
  isShared(settings: Settings): boolean;
  /**
   * Begins to connect and returns at once. From then on the connection looks after itself: it connects again for as
   * long as it is open and `mayConnect` allows, says `connected` before it hands over the first message, and a sender gets
   * its receipt only after the sink has made the message durable. A sink that rejects with `lease_lost` ends it at once,
   * and nobody gets a receipt any more. Never throws: what goes wrong is in the state and in the events. The signal ends
   * it at once, also in the middle of a message or a poll, without waiting for anything.
   */
  open(settings: Settings, ports: ConnectorPorts, signal: AbortSignal): ConnectorHandle;
}

/** A connection as configured, with its secrets opened. Never logged. */
export interface Connection extends Omit<
  ConnectionConfig,
  'passwordSealed' | 'tokenSealed' | 'tls' | 'headersSealed' | 'enabled' | 'origin'
> {
  readonly password: string | null;
  readonly token: string | null;
  /** Null: the authorities of the system, no client certificate. */
  readonly tls: ConnectionTls | null;
  /** Of HTTP requests. */
  readonly headers: Readonly<Record<string, string>> | null;
}

/** PEM texts. */
export interface ConnectionTls {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

export interface ConnectorHandle {
  /** As it is at this moment; a new object each time. */
  readonly state: ConnectionState;
  /**
   * Takes no more, waits until what was taken is durable and acknowledged, and says goodbye. When the signal aborts it
   * leaves at once; what is unacknowledged then comes again to the next owner of the connection.
   */
  close(signal: AbortSignal): Promise<void>;
}

/** `refused`: the other side does not want us as configured; it is asked again at the longest delay. */
export type ConnectionPhase = 'connecting' | 'connected' | 'waiting' | 'refused' | 'closed';

export interface ConnectionState {
  readonly phase: ConnectionPhase;
  /** When the phase began, UTC milliseconds. */
  readonly sinceMs: number;
  readonly lastError: { readonly code: ErrorCode; readonly detail: string; readonly atMs: number } | null;
  /** Messages since the connection was opened. */
  readonly received: number;
  readonly acknowledged: number;
  /** Messages whose sender waits for its receipt now. */
  readonly unacknowledged: number;
}

/** What a connector needs from outside. One set per connection. */
export interface ConnectorPorts {
  readonly sink: MessageSink;
  readonly devices: DeviceFinder;
  readonly rejectedMessages: RejectedMessageStore;
  readonly hop: MessageHop;
  /**
   * Asked before every attempt, the first one too: whether the connection is ours at this moment. After a loss, such as a
   * session that another client took over, the owner reads its claim again before it answers. While the answer is no, or a
   * rejection, nobody connects, and it is asked again after the usual delays.
   */
  mayConnect(): boolean | Promise<boolean>;
  /** `host:port` that the operator trusts: only these may be asked over HTTP although they are private, or without TLS. */
  readonly outboundAllowed: readonly string[];
  readonly events: ConnectorEvents;
  readonly clock: Clock;
  /** Uniform in [0, 1): spreads the attempts of connections that were lost together. */
  readonly random: () => number;
}

/** The devices of the connection's tenant. Asked per message: answers from memory. */
export interface DeviceFinder {
  byUid(deviceUid: string): KnownDevice | undefined;
  byIdentificationCode(identificationCode: string): KnownDevice | undefined;
}

export interface KnownDevice {
  readonly deviceUid: string;
  /** Only an active one is heard. */
  readonly state: string;
}

/** A message that can never be taken, and why. Its device uid is empty where the sender is not known. */
export interface RejectedMessage {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly message: ReceivedMessage;
}

export interface RejectedMessageStore {
  /** Keeps all of them as dead letters; resolves when durable. The same may come again. */
  keep(rejected: readonly RejectedMessage[]): Promise<void>;
}

/** Accounting in messages: in = out + rejected + repeated + in flight. */
export interface MessageHop {
  in(messages: number): void;
  out(messages: number): void;
  rejected(code: ErrorCode, messages: number): void;
  repeated(messages: number): void;
}

/** What happens to a connection; per batch at most, never per message. */
export interface ConnectorEvents {
  /** `sessionPresent`: the other side has kept what was on its way (MQTT). */
  connected(fields: { sessionPresent: boolean }): void;
  lost(fields: { code: ErrorCode; reason: string; unacknowledged: number; retryInMs: number }): void;
  subscriptionRefused(fields: { topicFilter: string; reason: string }): void;
  paused(fields: { unacknowledged: number; unacknowledgedBytes: number }): void;
  resumed(fields: { pausedMs: number }): void;
  /** A polled machine said that it has nothing new. */
  answerUnchanged(): void;
  messagesRejected(fields: { code: ErrorCode; messages: number; example: string }): void;
  /** Values that a machine refused in one poll; `changed`: others than in the poll before. */
  readsFailed(fields: { code: ErrorCode; registers: number; example: string; changed: boolean }): void;
}
