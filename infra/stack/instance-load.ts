/** What each instance of a service has to do: asked of the instances themselves. */
import { type Stack } from './stack.ts';

export interface InstanceLoad {
  readonly instance: string;
  /** Of the topic, those it had batches of since it got them. */
  readonly partitions: readonly number[];
  /** Messages that it handed on since it was started, over all hops. */
  readonly out: number;
  /** Records of these partitions that are not handled, as of their latest fetches. */
  readonly lagRecords: number;
}

const answerMsMax = 2_000;

export async function instanceLoads(stack: Stack, service: string, topic: string): Promise<InstanceLoad[]> {
  const instances = stack.processes.filter(({ name }) => name === service);
  return Promise.all(instances.map(({ instance, url }) => loadOf(instance, url ?? '', topic)));
}

async function loadOf(instance: string, url: string, topic: string): Promise<InstanceLoad> {
  const [metrics, accounting] = await Promise.all([
    ask(`${url}/metrics`).then((answer) => answer.text()),
    ask(`${url}/v1/accounting`).then((answer) => answer.json() as Promise<{ hops: readonly { out: number }[] }>),
  ]);
  const pattern = /consumer_lag_records\{group="[^"]+",topic="([^"]+)",partition="(\d+)"\} (\d+)/g;
  const lags = [...metrics.matchAll(pattern)].filter(([, name]) => name === topic);
  return {
    instance,
    partitions: lags.map(([, , partition]) => Number(partition)).toSorted((one, other) => one - other),
    out: accounting.hops.reduce((sum, { out }) => sum + out, 0),
    lagRecords: lags.reduce((sum, [, , , records]) => sum + Number(records), 0),
  };
}

const ask = (url: string): Promise<Response> => fetch(url, { signal: AbortSignal.timeout(answerMsMax) });
