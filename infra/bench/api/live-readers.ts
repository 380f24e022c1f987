/** All live readers in a process of their own, so that their CPU is counted apart. Driven over IPC, see live-process.ts. */
import { Percentiles } from '../percentiles.ts';
import type { FromReaders, ToReaders } from './live-process.ts';
import { BenchReader } from './live-reader.ts';

/** One of so many quick readers looks at times; all of them count. */
const readersPerWatch = 10;
/** Requests that begin at once: a listener's queue has a limit. */
const openingMax = 50;

const readers: BenchReader[] = [];
let latencies = new Percentiles();

const tell = (message: FromReaders): void => void process.send?.(message);

process.on('message', (message: ToReaders) => void obey(message));
process.on('disconnect', () => process.exit());

async function obey(message: ToReaders): Promise<void> {
  if (message.type === 'open') await open(message);
  if (message.type === 'restart') latencies = new Percentiles();
  if (message.type === 'hurry') for (const reader of readers) reader.hurry();
  if (message.type === 'count') count();
}

async function open({ order, readers: wanted, pace }: Extract<ToReaders, { type: 'open' }>): Promise<void> {
  const added = Array.from({ length: wanted }, (_, index) => {
    const isWatch = pace === 'quick' && index % readersPerWatch === 0;
    return new BenchReader(pace, isWatch ? (ms) => latencies.add(ms) : undefined);
  });
  for (let first = 0; first < added.length; first += openingMax)
    await Promise.all(added.slice(first, first + openingMax).map((reader) => reader.open(order)));
  readers.push(...added);
  tell({ type: 'opened' });
}

function count(): void {
  const latencyMs = { p50: latencies.at(0.5), p99: latencies.at(0.99), max: latencies.at(1) };
  tell({ type: 'counted', readers: readers.map((reader) => reader.count), latencyMs });
}
