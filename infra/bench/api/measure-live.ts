/** Many live readers of one tenant, some of them slow: what an event costs, how late it comes, and whether all is accounted for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessCosts } from '../process-costs.ts';
import { forgetPeak, usageOf } from '../process-usage.ts';
import { Rate } from '../rate.ts';
import { standardLoad } from '../standard-load.ts';
import type { ApiBenchOptions } from './options.ts';
import type { LiveFigures } from './api-report.ts';
import { batchRequest, messageOf, sendAll } from './feed.ts';
import { LiveChild } from './live-child.ts';
import type { ReaderCount } from './live-process.ts';
import { secondsOf } from './measure-imports.ts';
import { Connections, type Subject } from './subject.ts';

const messagesPerSecond = 100;
const messagesPerRequest = 10;
/** Sockets hold some megabytes for who does not read, how many is the system's choice: so it goes on until the api says that it counts. */
const burstMessages = 5_000;
const burstsMax = 40;
const warmUpSecondsMax = 3;
const deliveredMsMax = 30_000;
const askAgainMs = 100;
const tickMs = 10;

type Options = Pick<ApiBenchOptions, 'devices' | 'readers' | 'slowReaders' | 'liveSeconds'>;

export async function measureLive(
  subject: Subject,
  { devices, readers, slowReaders, liveSeconds }: Options,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<LiveFigures> {
  const { pid } = subject.processes.find(({ name }) => name === 'api')!;
  const memory = () => usageOf(pid, new Map());
  const load = new SteadyLoad(subject, devices);
  const child = new LiveChild({ url: subject.api, key: subject.key });
  try {
    const residentMiB = memory().residentMiB;
    forgetPeak(pid);
    progress(`live: ${slowReaders} slow readers and a burst`);
    // One that is quick sees when the burst is over.
    await child.open(1, 'quick');
    await child.open(slowReaders, 'slow');
    let sent = 0;
    const missedBefore = await missedPoints(subject);
    for (let burst = 0; burst < burstsMax && (await missedPoints(subject)) === missedBefore; burst += 1) {
      sent += await sendAll(subject, messagesOf(devices, burstMessages));
      const isDelivered = ({ pace }: ReaderCount) => pace === 'quick';
      await accounted(child, isDelivered, () => sent, signal);
    }
    progress(`live: ${readers} readers`);
    await child.open(readers - slowReaders - 1, 'quick');
    const before = sent;
    load.start();
    await sleep(Math.min(warmUpSecondsMax, liveSeconds) * 1_000, undefined, { signal });
    const costs = new ProcessCosts([...subject.processes, { name: 'readers', pid: child.pid }]);
    child.restart();
    const first = await child.count();
    const startedMs = performance.now();
    progress(`live: measuring for ${liveSeconds} s`);
    await sleep(liveSeconds * 1_000, undefined, { signal });
    const second = await child.count();
    const seconds = (performance.now() - startedMs) / 1_000;
    const delivered = eventsOf(second.readers) - eventsOf(first.readers);
    const cpu = costs.costs(delivered);
    sent += await load.stop();
    child.hurry();
    const expected = ({ pace }: ReaderCount, index: number) => (pace === 'slow' || index === 0 ? sent : sent - before);
    const end = await accounted(child, () => true, expected, signal);
    const unaccounted = (one: ReaderCount, index: number) =>
      Math.abs(expected(one, index) * standardLoad.pointsPerMessage - one.points - one.missedPoints);
    const of = (pace: ReaderCount['pace']) => end.filter((one) => one.pace === pace);
    return {
      readers,
      slowReaders,
      seconds,
      messagesPerSecond: (eventsOf(second.readers.slice(0, 1)) - eventsOf(first.readers.slice(0, 1))) / seconds,
      eventsDelivered: delivered,
      apiMicrosPerEvent: (secondsOf(cpu, 'api') * 1e6) / delivered,
      apiCpuShare: secondsOf(cpu, 'api') / seconds,
      readersCpuShare: secondsOf(cpu, 'readers') / seconds,
      apiResidentMiB: residentMiB,
      apiPeakMiB: memory().peakMiB,
      latencyMs: second.latencyMs,
      streamsEnded: end.filter(({ ended }) => ended).length,
      quickMissedPoints: of('quick').reduce((sum, { missedPoints }) => sum + missedPoints, 0),
      slow: {
        points: of('slow').reduce((sum, { points }) => sum + points, 0),
        missedPoints: of('slow').reduce((sum, { missedPoints }) => sum + missedPoints, 0),
        gapsTold: of('slow').reduce((sum, { gapsTold }) => sum + gapsTold, 0),
      },
      unaccountedPoints: end.reduce((sum, one, index) => sum + unaccounted(one, index), 0),
    };
  } finally {
    await load.stop();
    child.kill();
  }
}

/** Resolves with all counts when these readers got or were told of every message, or after a limit. */
async function accounted(
  child: LiveChild,
  which: (one: ReaderCount) => boolean,
  expected: (one: ReaderCount, index: number) => number,
  signal: AbortSignal,
): Promise<readonly ReaderCount[]> {
  const endMs = performance.now() + deliveredMsMax;
  for (;;) {
    const { readers } = await child.count();
    const late = readers.filter(
      (one, index) =>
        which(one) && one.points + one.missedPoints < expected(one, index) * standardLoad.pointsPerMessage,
    );
    if (late.length === 0 || performance.now() > endMs) return readers;
    await sleep(askAgainMs, undefined, { signal });
  }
}

/** As the api counts them, of all its readers. */
async function missedPoints({ api }: Subject): Promise<number> {
  const metrics = await (await fetch(`${api}/metrics`)).text();
  return Number(/^millrace_api_live_points_missed_total (\d+)/m.exec(metrics)?.[1] ?? 0);
}

const eventsOf = (readers: readonly ReaderCount[]): number => readers.reduce((sum, { events }) => sum + events, 0);

function* messagesOf(devices: number, count: number): Generator<ReturnType<typeof messageOf>> {
  for (let index = 0; index < count; index += 1) yield messageOf(index % devices, Date.now());
}

/** The same number of messages each second, ten of different devices in a request. */
class SteadyLoad {
  readonly #connections: Connections;
  readonly #devices: number;
  readonly #sending = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #next = 0;
  #sent = 0;

  constructor(subject: Subject, devices: number) {
    this.#connections = new Connections(subject.gateway, subject.key, messagesPerRequest);
    this.#devices = devices;
  }

  start(): void {
    const rate = new Rate(messagesPerSecond, performance.now());
    this.#timer = setInterval(() => {
      while (rate.take(messagesPerRequest, performance.now())) this.#send();
    }, tickMs);
  }

  /** Gives how many messages were sent, which were all accepted. */
  async stop(): Promise<number> {
    clearInterval(this.#timer);
    await Promise.all(this.#sending);
    this.#connections.close();
    return this.#sent;
  }

  #send(): void {
    const messages = Array.from({ length: messagesPerRequest }, () =>
      messageOf(this.#next++ % this.#devices, Date.now()),
    );
    const sending = this.#connections.json(batchRequest(messages)).then(() => {
      this.#sent += messages.length;
      this.#sending.delete(sending);
    });
    this.#sending.add(sending);
  }
}
