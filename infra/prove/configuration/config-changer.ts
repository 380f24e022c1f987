/**
 * People who change devices over REST while things break, and write it all into the ledger: each device by one person, one
 * change after the other, each in the knowledge of the one before (`If-Match`). A request that is cut off is sent again with
 * the same `Idempotency-Key`, as often as it takes. Where the answer is that the device is another one by now, the device
 * itself tells whether this change made it so.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { deviceKey, type Problem } from '@millrace/contracts';
import type { Answer, ChangeLedger } from './change-ledger.ts';

export interface ConfigChangerOptions {
  /** Base URLs of the api's instances; requests go to them by turns, repeats as well. */
  readonly apis: readonly string[];
  readonly apiKey: string;
  readonly tenant: string;
  readonly productId: string;
  /** They are made by the first change. */
  readonly devices: readonly string[];
  /** Each so many changes that were cut off are given up instead of repeated: their answer is never known. Default: none. */
  readonly giveUpEvery?: number;
  /** Each so many changes are sent again after their answer, by somebody who did not hear it. Default: none. */
  readonly repeatEvery?: number;
}

/** What of an answer counts, the same whenever it is asked again. */
interface ChangeAnswer {
  readonly status: number;
  readonly etag: string | null;
  readonly position: string | null;
}

/** What became of a change; the etag is that of the device after it, null: it has to be looked up. */
interface Ending {
  readonly answer: Answer;
  readonly etag: string | null;
}

interface ChangeRequest {
  readonly deviceUid: string;
  readonly name: string;
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const retryMs = 20;
const answerMsMax = 10_000;
/** 412, Precondition Failed: `If-Match` names another version. */
const changedMeanwhile = 412;

export class ConfigChanger {
  readonly #options: ConfigChangerOptions;
  readonly #ledger: ChangeLedger;
  readonly #otherAnswers: string[] = [];
  #requests = 0;
  #changes = 0;
  #interrupted = 0;

  constructor(options: ConfigChangerOptions, ledger: ChangeLedger) {
    this.#options = options;
    this.#ledger = ledger;
  }

  /** Changes whose first request was cut off or put off. */
  get interrupted(): number {
    return this.#interrupted;
  }

  /** Changes that were made again when they were sent again, or answered otherwise; one sentence each. */
  get otherAnswers(): readonly string[] {
    return this.#otherAnswers;
  }

  /** So many changes of each device, devices side by side; fewer when the signal fires, which leaves some unanswered. */
  async run(changesPerDevice: number, signal: AbortSignal): Promise<void> {
    await Promise.all(
      this.#options.devices.map((deviceUid) => this.#changeDevice(deviceUid, changesPerDevice, signal)),
    );
  }

  async #changeDevice(deviceUid: string, count: number, signal: AbortSignal): Promise<void> {
    let etag: string | null = null;
    for (let turn = 0; turn < count && !signal.aborted; turn += 1) {
      const change = { key: deviceKey(this.#options.tenant, deviceUid), text: `change ${turn}` };
      this.#ledger.ask(change);
      const ending = await this.#make(this.#requestFor(deviceUid, change.text, etag), signal);
      this.#ledger.answer(change, ending.answer);
      etag = ending.etag ?? (await this.#device(deviceUid, signal))?.etag ?? null;
    }
  }

  /** Without an etag nothing is known of the device: it is created. */
  #requestFor(deviceUid: string, name: string, etag: string | null): ChangeRequest {
    const { productId } = this.#options;
    const headers = { 'idempotency-key': randomUUID(), 'content-type': 'application/json' };
    const about = { deviceUid, name };
    if (etag === null)
      return { ...about, method: 'POST', path: '/v1/devices', headers, body: JSON.stringify({ ...about, productId }) };
    const path = pathOf(deviceUid);
    return {
      ...about,
      method: 'PATCH',
      path,
      headers: { ...headers, 'if-match': etag },
      body: JSON.stringify({ name }),
    };
  }

  async #make(request: ChangeRequest, signal: AbortSignal): Promise<Ending> {
    const number = (this.#changes += 1);
    const first = await this.#send(request);
    if (!first) this.#interrupted += 1;
    const isGivenUp = !first && isTurn(this.#interrupted, this.#options.giveUpEvery);
    const answer = first ?? (isGivenUp ? undefined : await this.#sendUntilAnswer(request, signal));
    if (!answer) return { answer: 'unanswered', etag: null };
    if (isSuccess(answer)) {
      if (isTurn(number, this.#options.repeatEvery)) await this.#repeat(request, answer, signal);
      return { answer: 'accepted', etag: etagOf(answer) };
    }
    if (first || answer.status !== changedMeanwhile) return { answer: 'refused', etag: null };
    const device = await this.#device(request.deviceUid, signal);
    if (device === undefined) return { answer: 'unanswered', etag: null };
    return { answer: device?.name === request.name ? 'accepted' : 'refused', etag: device?.etag ?? null };
  }

  /** By somebody who did not hear the answer. */
  async #repeat(request: ChangeRequest, first: ChangeAnswer, signal: AbortSignal): Promise<void> {
    const second = await this.#sendUntilAnswer(request, signal);
    if (!second || isDeepStrictEqual(first, second)) return;
    if (request.method === 'PATCH' && second.status === changedMeanwhile) return;
    const [before, after] = [first, second].map((one) => JSON.stringify(one));
    this.#otherAnswers.push(`${request.method} ${request.path}: ${before}, then ${after}`);
  }

  async #sendUntilAnswer(request: ChangeRequest, signal: AbortSignal): Promise<ChangeAnswer | undefined> {
    while (!signal.aborted) {
      await sleep(retryMs);
      const answer = await this.#send(request);
      if (answer) return answer;
    }
    return undefined;
  }

  /** Undefined: no answer, or one that asks to come again. */
  async #send({ method, path, headers, body }: ChangeRequest): Promise<ChangeAnswer | undefined> {
    const response = await this.#fetch(path, headers, { method, body });
    if (!response) return undefined;
    const { status, etag, position } = response;
    const answer = { status, etag, position };
    return isSuccess(answer) || retryOf(response.body) === 'never' ? answer : undefined;
  }

  /** As it is now; null: there is none; undefined: the signal fired before that was known. */
  async #device(deviceUid: string, signal: AbortSignal): Promise<Device | null | undefined> {
    while (!signal.aborted) {
      const response = await this.#fetch(pathOf(deviceUid));
      if (response?.status === 404) return null;
      if (response && isSuccess(response))
        return { etag: etagOf(response), name: (JSON.parse(response.body) as Device).name };
      await sleep(retryMs);
    }
    return undefined;
  }

  /** Undefined unless the whole answer arrived. */
  async #fetch(
    path: string,
    headers: ChangeRequest['headers'] = {},
    more: Pick<RequestInit, 'method' | 'body'> = {},
  ): Promise<(ChangeAnswer & { readonly body: string }) | undefined> {
    const { apis, apiKey } = this.#options;
    const api = apis[this.#requests++ % apis.length]!;
    try {
      const response = await fetch(`${api}${path}`, {
        ...more,
        headers: { ...headers, authorization: `Bearer ${apiKey}` },
        signal: AbortSignal.timeout(answerMsMax),
      });
      const position = response.headers.get('millrace-position');
      const etag = response.headers.get('etag');
      return { status: response.status, etag, position, body: await response.text() };
    } catch {
      return undefined;
    }
  }
}

interface Device {
  readonly etag: string;
  readonly name: string;
}

const pathOf = (deviceUid: string): string => `/v1/devices/${encodeURIComponent(deviceUid)}`;

const isSuccess = ({ status }: ChangeAnswer): boolean => status >= 200 && status < 300;

function etagOf({ status, etag }: ChangeAnswer): string {
  if (etag === null) throw new Error(`An answer ${status} has no ETag; the next change needs it.`);
  return etag;
}

const isTurn = (count: number, every = Number.POSITIVE_INFINITY): boolean => count % every === 0;

/** Who refuses says whether to come again; a broken answer is as good as none. */
function retryOf(body: string): Problem['retry'] {
  try {
    return (JSON.parse(body) as Partial<Problem>).retry ?? 'later';
  } catch {
    return 'later';
  }
}
