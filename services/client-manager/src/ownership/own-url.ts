/** Where the other instances reach this one. */
import { hostname } from 'node:os';
import type { ClientManagerEnvironment } from '../environment.ts';

type Surroundings = Pick<
  ClientManagerEnvironment,
  'MILLRACE_INSTANCE_URL' | 'MILLRACE_HTTP_HOST' | 'MILLRACE_HTTP_PORT'
>;

const everywhere: readonly string[] = ['0.0.0.0', '::', '[::]'];

/** `http://host:port`; who listens everywhere is reached by the name of its host. */
export function ownUrl({
  MILLRACE_INSTANCE_URL: given,
  MILLRACE_HTTP_HOST: host,
  MILLRACE_HTTP_PORT: port,
}: Surroundings): string {
  return given ?? `http://${everywhere.includes(host) ? hostname() : host}:${port}`;
}
