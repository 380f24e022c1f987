/**
 * HTTP ingest.
 *
 *     POST /v1/messages         the raw body of the authenticated device → 200 {"id"}
 *     POST /v1/messages/batch   {"messages": [...]} as in message-batch.ts → 200 {"ids"}, in the order of the messages
 *     POST /v1/token            a password or refresh token as in http-token.ts → 200 {"access_token", "expires_in" …}
 *
 * 200 means that Kafka has the messages. A request is taken as a whole or not at all. 503 comes with Retry-After; where it says
 * that Kafka has not confirmed, the messages may be stored all the same, and the same ids make the repetition harmless.
 */
import type { Gateway } from './gateway.ts';
import { HttpIngest } from './http-ingest.ts';
import { httpGatewaySettings, type HttpGatewaySettings } from './http-settings.ts';

export const httpGateway: Gateway<HttpGatewaySettings> = {
  name: 'http',
  settings: httpGatewaySettings,
  async start(settings, ports) {
    const ingest = new HttpIngest(settings, ports);
    const address = await ingest.listen();
    return { address, stop: () => ingest.stop() };
  },
};
