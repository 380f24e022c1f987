/** Some clients who ask one question after the other, as fast as they are answered. */
import { ProcessCosts } from '../process-costs.ts';
import { Percentiles } from '../percentiles.ts';
import type { QuestionFigures } from './api-report.ts';
import { Connections, type Question, type Subject } from './subject.ts';

/** Part of the time that is asked for before it is measured. */
const warmUpShare = 0.2;

export interface Asking {
  readonly clients: number;
  readonly seconds: number;
}

/** `next` gives each question anew. Refused ones are counted; they are no part of the percentiles. */
export async function askRepeatedly(
  subject: Subject,
  { clients, seconds }: Asking,
  next: () => Question,
  signal: AbortSignal,
): Promise<Omit<QuestionFigures, 'name' | 'aimMs'>> {
  const connections = new Connections(subject.api, subject.key, clients);
  const run = async (ms: number, tookMs: Percentiles): Promise<number> => {
    const endMs = performance.now() + ms;
    let refused = 0;
    const client = async (): Promise<void> => {
      while (performance.now() < endMs) {
        signal.throwIfAborted();
        const startedMs = performance.now();
        const { status } = await connections.ask(next());
        if (status < 300) tookMs.add(performance.now() - startedMs);
        else refused += 1;
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
    return refused;
  };
  try {
    await run(seconds * warmUpShare * 1_000, new Percentiles());
    const costs = new ProcessCosts(subject.processes);
    const startedMs = performance.now();
    const tookMs = new Percentiles();
    const refused = await run(seconds * 1_000, tookMs);
    const lastedMs = performance.now() - startedMs;
    const answered = tookMs.total;
    const cpuMs = (counted: (name: string) => boolean): number =>
      costs
        .costs(answered)
        .filter(({ name }) => counted(name))
        .reduce((sum, { microsPerPoint }) => sum + microsPerPoint / 1_000, 0);
    return {
      answered,
      refused,
      perSecond: (answered / lastedMs) * 1_000,
      p50Ms: tookMs.at(0.5),
      p99Ms: tookMs.at(0.99),
      maxMs: tookMs.at(1),
      apiCpuMs: cpuMs((name) => name === 'api'),
      storesCpuMs: cpuMs((name) => stores.includes(name)),
    };
  } finally {
    connections.close();
  }
}

const stores: readonly string[] = ['postgres', 'questdb', 'redis'];
