/** What happens in the gateway, by name. */
import { defineEvents, event } from '@millrace/observe';

export const gatewayEvents = defineEvents({
  gatewayListened: event<{ gateway: string; address: string }>('info', 'A gateway listens for devices.'),
  requestFailed: event<{ gateway: string; error: unknown }>('error', 'A request failed.', 'requests_failed_total'),
});
