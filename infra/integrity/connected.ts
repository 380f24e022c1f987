/** Waits for the client managers of a stack: what is published before their subscriptions exist, no broker keeps. */
import type { Stack } from '../stack/index.ts';
import { until } from '../stack/until.ts';

/** Instances that find no memory of each other in Redis wait for a lease before anybody owns anything; then all connect. */
const connectedMsMax = 60_000;

const open = /^millrace_client_manager_open_connections\{[^}]*state="connected"[^}]*\} (\d+)$/gm;

/** Rejects when that many connections are not connected in time, over all instances. */
export async function connected(stack: Stack, connections: number, signal?: AbortSignal): Promise<void> {
  const instances = stack.processes.filter(({ name }) => name === 'client-manager');
  const count = async (): Promise<number> => {
    const texts = await Promise.all(
      instances.map(async ({ instance }) => {
        const url = `http://127.0.0.1:${stack.port(instance)}/metrics`;
        return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).text();
      }),
    );
    return texts.flatMap((text) => [...text.matchAll(open)]).reduce((sum, [, value]) => sum + Number(value), 0);
  };
  if (await until(async () => (await count()) >= connections, connectedMsMax, signal)) return;
  throw new Error(`The client managers did not connect ${connections} connections in time.`);
}
