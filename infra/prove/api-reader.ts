/** People who look: asks the api for latest values (Redis) and for points (QuestDB), one question after the other. */
import { setTimeout as sleep } from 'node:timers/promises';
import { signal as signalName } from '../integrity/plant.ts';

/** About as often as a busy page of the console does. */
const pauseMs = 20;
const answerMsMax = 20_000;

export interface ApiReaderOptions {
  readonly api: string;
  readonly apiKey: string;
  readonly devices: readonly string[];
}

export type Latest = Readonly<Record<string, { readonly time: string; readonly value: number } | undefined>>;

export class ApiReader {
  readonly #options: ApiReaderOptions;
  /** When each question that has no answer was asked. */
  readonly #open = new Set<{ readonly askedMs: number }>();

  constructor(options: ApiReaderOptions) {
    this.#options = options;
  }

  /** Questions without an answer that were asked before this moment (monotonic). */
  openSince(ms: number): number {
    return [...this.#open].filter(({ askedMs }) => askedMs <= ms).length;
  }

  /** Asks until the signal fires; what is not answered is asked again later, as people do. */
  async run(signal: AbortSignal): Promise<void> {
    const { devices } = this.#options;
    const paths = [(uid: string) => `${uid}/latest`, (uid: string) => `${uid}/signals/${signalName}/points?limit=50`];
    await Promise.all(
      paths.map(async (pathOf) => {
        for (let turn = 0; !signal.aborted; turn += 1) {
          await this.#ask(pathOf(devices[turn % devices.length]!)).catch(() => {});
          await sleep(pauseMs);
        }
      }),
    );
  }

  async latest(deviceUid: string): Promise<Latest> {
    return ((await this.#ask(`${deviceUid}/latest`)) as { readonly signals: Latest }).signals;
  }

  async #ask(path: string): Promise<unknown> {
    const question = { askedMs: performance.now() };
    this.#open.add(question);
    try {
      const response = await fetch(`${this.#options.api}/v1/devices/${path}`, {
        headers: { authorization: `Bearer ${this.#options.apiKey}` },
        signal: AbortSignal.timeout(answerMsMax),
      });
      return await response.json();
    } finally {
      this.#open.delete(question);
    }
  }
}
