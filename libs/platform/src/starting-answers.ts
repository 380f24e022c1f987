/** What the door answers while the service starts: it lives, it is not ready and says why, and its metrics can be read. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { MillraceError } from '@millrace/contracts';
import type { Metrics } from '@millrace/observe';
import type { Readiness } from './readiness.ts';

export function startingAnswers(readiness: Readiness, metrics: Metrics): RequestListener {
  return (request, response) => {
    const [path = ''] = (request.url ?? '').split('?', 1);
    switch (path) {
      case '/health/live':
        return json(response, 200, { live: true });
      case '/health/ready':
        return json(response, 503, { ready: false, reasons: readiness.reasons() });
      case '/metrics':
        return void writeMetrics(response, metrics);
      default:
        return refuse(request, response);
    }
  };
}

async function writeMetrics(response: ServerResponse, { registry }: Metrics): Promise<void> {
  const text = await registry.metrics();
  response.setHeader('content-type', registry.contentType).end(text);
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const error = new MillraceError('not_ready', 'The service is starting.');
  json(response.setHeader('retry-after', '1'), 503, error.toProblem(), 'application/problem+json');
}

function json(response: ServerResponse, status: number, body: object, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
}
