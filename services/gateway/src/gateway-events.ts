/** What happens in the gateway, by name. */
import { defineEvents, event } from '@millrace/observe';

export const gatewayEvents = defineEvents({
  gatewayListened: event<{ gateway: string; address: string }>('info', 'A gateway listens for devices.'),
  issuerUnavailable: event<{ tenant: string; issuer: string; error: unknown }>(
    'warn',
    'The keys of a token issuer could not be fetched.',
    'issuer_failures_total',
  ),
  requestFailed: event<{ gateway: string; error: unknown }>('error', 'A request failed.', 'requests_failed_total'),
});
