/** Headers of answers that show a secret, and of those that made or changed what has one. */
import type { Resource } from '@millrace/control';
import { etagOf } from '@millrace/platform/rest';
import { positionHeader } from '../resources/resource-request.ts';

/** The part of a Fastify reply that is used here. */
export interface HeaderReply {
  header(name: string, value: string): HeaderReply;
}

/** Shown this once: nobody on the way keeps a copy (RFC 9111, 5.2.2.5). */
export function neverStored(reply: HeaderReply): HeaderReply {
  return reply.header('cache-control', 'no-store');
}

export function versionHeaders(reply: HeaderReply, resource: Resource): HeaderReply {
  return reply.header('etag', etagOf(resource)).header(positionHeader, String(resource.revision));
}
