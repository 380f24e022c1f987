/** One reader of `GET /v1/live`, who counts what it gets and what it is told it missed. */
import { request, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveOrder, ReaderCount } from './live-process.ts';

/** A slow reader takes a piece and then nothing for so long. */
const slowPauseMs = 5_000;

const eventEnd = '\n\n';
const pointsMark = 'event: points\n';
const pointMark = '{"signal":';
const timePattern = /"time":"([^"]+)"/;
const missedPattern = /event: missed\ndata: (.*)/;

export class BenchReader {
  readonly #pace: ReaderCount['pace'];
  readonly #onLatency: ((ms: number) => void) | undefined;
  #started: (() => void) | undefined;
  #rest = '';
  #events = 0;
  #points = 0;
  #missedPoints = 0;
  #gapsTold = 0;
  #ended = false;
  readonly #hurry = new AbortController();

  /** `onLatency`: from the device's time of each event to now. */
  constructor(pace: ReaderCount['pace'], onLatency?: (ms: number) => void) {
    this.#pace = pace;
    this.#onLatency = onLatency;
  }

  get count(): ReaderCount {
    return {
      pace: this.#pace,
      events: this.#events,
      points: this.#points,
      missedPoints: this.#missedPoints,
      gapsTold: this.#gapsTold,
      ended: this.#ended,
    };
  }

  /** Resolves when the stream has said that it started. */
  open({ url, key }: LiveOrder): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#started = resolve;
    const asked = request(`${url}/v1/live?kinds=points`, { agent: false, headers: { authorization: `Bearer ${key}` } });
    asked.on('error', (error) => {
      this.#ended = true;
      reject(error);
    });
    asked.on('response', (response) => {
      if (response.statusCode !== 200) reject(new Error(`A live stream was refused with ${response.statusCode}.`));
      response.on('data', (piece: Buffer) => this.#take(piece, response));
      response.on('close', () => (this.#ended = true));
      response.on('error', () => (this.#ended = true));
    });
    asked.end();
    return promise;
  }

  /** A slow one reads as it comes from now on. */
  hurry(): void {
    this.#hurry.abort();
  }

  #take(piece: Buffer, response: IncomingMessage): void {
    if (this.#pace === 'slow' && !this.#hurry.signal.aborted) void this.#rests(response);
    const text = this.#rest + piece.toString('latin1');
    const end = text.lastIndexOf(eventEnd);
    this.#rest = end < 0 ? text : text.slice(end + eventEnd.length);
    if (end >= 0) this.#read(text.slice(0, end + eventEnd.length));
  }

  async #rests(response: IncomingMessage): Promise<void> {
    response.pause();
    await sleep(slowPauseMs, undefined, { signal: this.#hurry.signal }).catch(() => {});
    response.resume();
  }

  #read(text: string): void {
    this.#started?.();
    this.#started = undefined;
    this.#points += countOf(text, pointMark);
    this.#events += countOf(text, pointsMark);
    if (text.includes('event: missed')) this.#readMissed(text);
    if (!this.#onLatency) return;
    const nowMs = Date.now();
    for (const event of text.split(eventEnd)) {
      const time = timePattern.exec(event)?.[1];
      if (time !== undefined) this.#onLatency(nowMs - Date.parse(time));
    }
  }

  #readMissed(text: string): void {
    for (const event of text.split(eventEnd)) {
      const told = missedPattern.exec(event)?.[1];
      if (told === undefined) continue;
      this.#missedPoints += (JSON.parse(told) as { readonly points: number }).points;
      this.#gapsTold += 1;
    }
  }
}

function countOf(text: string, mark: string): number {
  let count = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) count += 1;
  return count;
}
