/**
 * The contract of the channel family: one member is one file, `<kind>.channel.ts`, with one way to reach people.
 *
 * Who calls: the notifier, several sends of one channel at once, up to its limit per channel. It writes to the ledger
 * before and after each call, repeats what failed for the moment with growing pauses, and gives up after some attempts.
 * So a member does one attempt and says honestly how it ended; it neither repeats nor waits nor logs.
 *
 * An attempt may be repeated although the first one arrived (the process died, the answer got lost). A member therefore
 * sends the notification's id along in the form by which its receivers recognise a repeat (e-mail: the Message-ID).
 */
import type { z } from 'zod';

/** What a person is told, once, on one channel. */
export interface Notification {
  /** `[a-z0-9.-]+`: transition, channel and recipient. Equal ids are the same notification. */
  readonly id: string;
  /** May contain anything a template and a device put there; the member makes it one harmless line. */
  readonly subject: string;
  readonly body: string;
}

/** The receiver has taken the notification. */
export interface Receipt {
  /** Its answer, one line, for the ledger. */
  readonly detail: string;
}

export interface Channel {
  /**
   * Resolves when the receiver has taken responsibility. Throws `recipient_rejected` when it never will take this one,
   * `configuration_invalid` when the channel as configured can send nothing, `channel_unavailable` when it may later (it may even have taken it: the answer is unknown), and the signal's reason
   * when it was aborted. Ends by itself after a time that the member names.
   */
  send(notification: Notification, recipient: string, signal: AbortSignal): Promise<Receipt>;
  /** Makes a value literal in the form that `body` has on this channel, before it is put into the template. */
  escape(value: string): string;
}

/** A receiver that may be asked only so often. */
export interface PacedChannel extends Channel {
  /** Milliseconds until the next send is worth an attempt; 0: now. */
  readonly pauseMs: number;
}

export function isPaced(channel: Channel): channel is PacedChannel {
  return 'pauseMs' in channel;
}

/** As configured; the secrets are opened. Never logged. */
export interface ChannelConfiguration {
  readonly settings: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** The channels of one kind in one process; they share connections. */
export interface ChannelFactory {
  /** A channel as configured; throws `configuration_invalid` naming what is wrong. Opens no connection yet. */
  open(configured: ChannelConfiguration): Channel;
  /** Ends the connections; sends in flight fail. */
  close(): void;
}

export interface ChannelKind<Shape extends z.ZodRawShape = z.ZodRawShape> {
  /** The `kind` of a configured channel: the member's file name without `.channel.ts`. */
  readonly kind: string;
  /** Variables of the process that this kind needs, by full name (`MILLRACE_...`); secrets belong here. */
  readonly environment: Shape;
  /** Settings of one configured channel, all text; unknown ones are errors. Its secrets are checked as well when it is opened. */
  readonly settings: z.ZodType;
  start(environment: z.output<z.ZodObject<Shape>>): ChannelFactory;
}
