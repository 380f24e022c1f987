/** What happens in the client manager, by name. */
import type { ErrorCode, FieldError } from '@millrace/contracts';
import { defineEvents, event } from '@millrace/observe';
import type { ReachedCeiling } from './control/ceilings.ts';

interface OfConnection {
  readonly tenant: string;
  readonly connectionId: string;
}

interface Loss extends OfConnection {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly unacknowledged: number;
  readonly retryInMs: number;
}

interface Rejection extends OfConnection {
  readonly code: ErrorCode;
  readonly messages: number;
  readonly example: string;
}

interface FailedReads extends OfConnection {
  readonly code: ErrorCode;
  readonly registers: number;
  readonly example: string;
}

export const clientManagerEvents = defineEvents({
  configurationPublished: event<{ written: number; deleted: number; tookMs: number }>(
    'info',
    'The connections were published.',
  ),
  configurationRefused: event<{ detail: string; errors: readonly FieldError[] }>(
    'error',
    'The changed configuration folder was refused.',
    'configurations_refused_total',
  ),
  publicationFailed: event<{ error: unknown; attempt: number }>('warn', 'The connections could not be published.'),
  claimFailed: event<{ connection: string; error: unknown; attempt: number }>(
    'warn',
    'A claim on a connection, or its release, could not be written.',
    'failed_claims_total',
  ),
  connectionsRestored: event<{ connections: number }>(
    'warn',
    'All connections were written anew: their topic did not have what was published.',
    'restorations_total',
  ),
  ceilingReached: event<{ reached: readonly ReachedCeiling[] }>(
    'warn',
    'The instance takes no more connections: it uses more than it may.',
    'ceilings_reached_total',
  ),
  ceilingsCleared: event<object>('info', 'The instance takes connections again.'),
  redisFailed: event<{ error: unknown }>('warn', 'The connection to Redis failed.', 'redis_failures_total'),
  streamLost: event<{ lostMs: number }>(
    'error',
    'Others reach Kafka and this instance does not: it gives up its leases until it does.',
  ),
  streamFound: event<{ awayMs: number }>('info', 'Kafka is reached again: the instance joins the others.'),
  connectionOpened: event<OfConnection & { epoch: number }>('info', 'A connection was opened.'),
  connectionClosed: event<OfConnection>('info', 'A connection was closed.'),
  connectionInvalid: event<OfConnection & { detail: string }>('error', 'A connection cannot be opened as configured.'),
  brokerConnected: event<OfConnection & { sessionPresent: boolean }>(
    'info',
    'The other side accepted a connection.',
    'broker_accepted_total',
  ),
  brokerLost: event<Loss>('warn', 'A connection was lost.', 'broker_lost_total'),
  subscriptionRefused: event<OfConnection & { topicFilter: string; reason: string }>(
    'error',
    'A broker refused a subscription.',
    'subscriptions_refused_total',
  ),
  readingPaused: event<OfConnection & { unacknowledged: number; unacknowledgedBytes: number }>(
    'debug',
    'Reading paused.',
    'reading_paused_total',
  ),
  readingResumed: event<OfConnection & { pausedMs: number }>('debug', 'Reading resumed.'),
  readsFailed: event<FailedReads>('debug', 'A machine refused some values.', 'failed_reads_total', 'registers'),
  refusedValuesChanged: event<FailedReads>('warn', 'A machine refuses other values than before.'),
  answerUnchanged: event<OfConnection>('debug', 'A machine had nothing new.', 'unchanged_answers_total'),
  messagesRejected: event<Rejection>('warn', 'Messages were rejected.', 'rejected_messages_total', 'messages'),
});

/** The emitter of them. */
export const EVENTS = Symbol('client manager events');
