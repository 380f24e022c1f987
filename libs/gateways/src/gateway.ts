/**
 * The family of gateways: servers of one protocol each that devices dial into. A member is one file, `<name>.gateway.ts`, and its
 * test, which runs the shared suite. It turns requests into `ReceivedMessage`s, gives the receipt, and knows nothing of Kafka.
 */
import type { X509Certificate } from 'node:crypto';
import type { ErrorCode, MessageSink, SilentDevice } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import type { z } from 'zod';

export interface Gateway<Settings> {
  /** `http`, `coap` …: the `protocol` of its raw records and the name of its accounting hop. */
  readonly name: string;
  readonly settings: z.ZodType<Settings>;
  /** Listens when the promise resolves. Throws when the address cannot be bound. */
  start(settings: Settings, ports: GatewayPorts): Promise<GatewayHandle>;
}

export interface GatewayHandle {
  /** Where it listens, as a URL with the port that was really taken. */
  readonly address: string;
  /** Refuses new requests, lets those in flight get their receipts, leaves after a limit of the member's own. */
  stop(): Promise<void>;
}

/** What a gateway needs from outside; one instance serves all requests. */
export interface GatewayPorts {
  readonly sink: MessageSink;
  readonly authenticator: DeviceAuthenticator;
  readonly tokens: TokenDesk;
  readonly hop: GatewayHop;
  readonly clock: Clock;
  /** Hears of an error that is not the sender's, at most once per request; the log has it then. */
  failed(error: unknown): void;
}

export interface DeviceAuthenticator {
  /**
   * Who sends, by a credential in the form of an Authorization header: `Basic` of `tenant/deviceUid:password`, `Bearer` key or token;
   * other protocols bring theirs into this form. `Basic` without a password means the certificate that the client has shown, the same
   * object for the whole connection. Works from memory. Throws `unauthenticated`, `not_allowed` or a `SilentDevice`.
   */
  authenticate(authorization: string | undefined, peer?: X509Certificate): Sender;
  /**
   * Finds out what `authenticate` has to know of a credential and cannot know from memory; undefined: nothing, as nearly always.
   * Rejects when it cannot be found out now.
   */
  prepare(authorization: string | undefined): Promise<void> | undefined;
}

/** Gives tokens to devices, in protocols that have a place to ask for them. Works from memory. */
export interface TokenDesk {
  /** For a password in the form of an Authorization header (Basic). Throws `unauthenticated` or a `SilentDevice`. */
  byPassword(authorization: string): GrantedTokens;
  /** Throws as `byPassword` does. */
  byRefreshToken(refreshToken: string): GrantedTokens;
}

export interface GrantedTokens {
  /** A bearer token of the device. */
  readonly accessToken: string;
  /** Seconds from now. */
  readonly accessExpiresIn: number;
  readonly refreshToken: string;
  readonly refreshExpiresIn: number;
}

/** An authenticated sender; asked for every message, so it answers from memory. */
export interface Sender {
  readonly tenant: string;
  /** The device whose credential it is; null: a key of the tenant, whose messages name their devices. */
  readonly deviceUid: string | null;
  /** Why it must not send for this device; undefined: it may. */
  refusalOf(deviceUid: string): DeviceRefusal | undefined;
}

export type DeviceRefusal = 'unknown_device' | 'not_allowed' | SilentDevice;

/**
 * Counts the messages that the gateway refuses by itself, each as taken and as rejected; what it hands over is counted by the
 * sink. A request that could not be read counts as one message.
 */
export interface GatewayHop {
  in(messages: number): void;
  rejected(code: ErrorCode, messages: number): void;
}
