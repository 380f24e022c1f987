/**
 * HTTP polling: asks a web server for JSON or CSV, again and again; one row of an answer is one message, a JSON object of names and
 * values, for a product without a script. What the server says is unchanged gives no message.
 *
 * A row that carries a time, and a counter where several share one, is the same row whenever it is taken. So the cursor, up to which
 * rows were taken, need not survive: an owner that begins anew takes what is there once more, and nothing is stored twice.
 */
import type { Connector } from './connector.ts';
import { type HttpPollingSettings, httpPollingSettings } from './http-polling/settings.ts';
import { WebServer } from './http-polling/web-server.ts';
import { Poller } from './poller.ts';

/** Two answers of the largest size may wait for Kafka; their bytes in memory. */
const waitingMax = { messagesMax: 20_000, bytesMax: 16 * 1024 * 1024 };

export const httpPollingConnector: Connector<HttpPollingSettings> = {
  kind: 'http-polling',
  settings: httpPollingSettings,
  isShared: () => false,
  open(settings, ports, signal) {
    const server = new WebServer(settings, ports);
    const { intervalMs } = settings;
    return new Poller({ ports, intervalMs, waitingMax, source: server }, signal);
  },
};
