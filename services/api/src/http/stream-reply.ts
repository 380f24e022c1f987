/** Answers that are streams: the reply they go to, and the form of server-sent events. */
import type { Readable } from 'node:stream';

/** The part of a Fastify reply that is used here. */
export interface StreamReply {
  readonly raw: { destroy(): unknown };
  headers(values: Readonly<Record<string, string>>): StreamReply;
  send(body: Readable): void;
}

/** No proxy may hold the events back. */
export const eventStreamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};

/** https://html.spec.whatwg.org/multipage/server-sent-events.html; JSON has no line breaks. */
export function eventText(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
