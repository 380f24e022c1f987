/** What happens in the notifier, by name. */
import { defineEvents, event } from '@millrace/observe';

interface DeliveryFields {
  readonly tenant: string;
  readonly eventId: string;
  readonly channelId: string;
}

export const notifierEvents = defineEvents({
  ledgerRead: event<{ unfinished: number; tookMs: number }>('info', 'Ledger read.'),
  deliveryInterrupted: event<DeliveryFields>(
    'warn',
    'A delivery was started and never ended; it is sent again under the same id.',
    'deliveries_interrupted_total',
  ),
  attemptFailed: event<DeliveryFields & { attempt: number; code: string; reason: string; error: unknown }>(
    'warn',
    'An attempt to deliver failed.',
    'attempts_failed_total',
  ),
  deliveryAbandoned: event<DeliveryFields & { attempt: number; reason: string }>(
    'error',
    'A delivery was abandoned.',
    'deliveries_abandoned_total',
  ),
  eventsTooOld: event<{ partition: number; events: number }>(
    'info',
    'Events were too old to be told.',
    'events_too_old_total',
    'events',
  ),
  eventsWithheld: event<{ partition: number; events: number; code: string }>(
    'info',
    'Events of tenants that are not active were told to nobody.',
    'events_withheld_total',
    'events',
  ),
  recordPutAside: event<{ partition: number; offset: string; code: string; reason: string }>(
    'warn',
    'A record was put aside.',
    'records_put_aside_total',
  ),
  placesUnknown: event<{ tenant: string; templateId: string; places: string }>(
    'warn',
    'A template names places that there are not.',
    'templates_with_unknown_places_total',
  ),
});
