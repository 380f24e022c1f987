/** One question and its answer over TCP, for readiness probes. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { loopback } from '../ports.ts';

/** Sends each request and waits for the first bytes that answer it; throws when the connection fails or ends. */
export async function exchange(port: number, requests: readonly Buffer[], signal: AbortSignal): Promise<Buffer[]> {
  const socket = connect({ port, host: loopback, signal });
  try {
    await once(socket, 'connect', { signal });
    const answers: Buffer[] = [];
    for (const request of requests) {
      const answer = once(socket, 'data', { signal });
      socket.write(request);
      answers.push((await answer)[0] as Buffer);
    }
    return answers;
  } finally {
    socket.destroy();
  }
}
