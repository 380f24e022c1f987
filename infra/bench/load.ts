/** A generator in a process of its own, so that its CPU is counted apart. Driven over IPC, see load-process.ts. */
import { HttpLoad } from './http-load.ts';
import type { FromLoad, ToLoad } from './load-process.ts';
import { MqttLoad } from './mqtt-load.ts';

let load: HttpLoad | MqttLoad | undefined;

const tell = (message: FromLoad): void => void process.send?.(message);

process.on('message', (message: ToLoad) => {
  if (message.type === 'stop') void stop();
  else start(message);
});

setInterval(() => load && tell({ type: 'progress', report: load.report() }), 1_000).unref();

function start({ order }: Extract<ToLoad, { type: 'start' }>): void {
  load = order.kind === 'http' ? new HttpLoad(order) : new MqttLoad(order);
  load.start();
}

async function stop(): Promise<void> {
  await load?.stop();
  if (load) tell({ type: 'stopped', report: load.report() });
  process.disconnect();
}
