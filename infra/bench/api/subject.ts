/** What is measured: the api and the gateway of a stack, asked with the key of one tenant, and the processes behind them. */
import { Agent, request } from 'node:http';
import { generateKey, keyIdOf } from '@millrace/auth';
import { apiOf } from '../../configure/apply-configuration.ts';
import type { Stack } from '../../stack/index.ts';
import { gatewayOf } from '../bench-stack.ts';
import type { Watched } from '../process-costs.ts';
import { watchedOf } from '../process-costs.ts';

export interface Subject {
  readonly api: string;
  readonly gateway: string;
  readonly questdb: string;
  readonly key: string;
  readonly processes: readonly Watched[];
}

export interface Question {
  readonly method: string;
  readonly path: string;
  readonly type?: string;
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly position: string | undefined;
  readonly body: Buffer;
}

export function newKey(): { readonly keyId: string; readonly key: string } {
  const key = generateKey();
  return { key, keyId: keyIdOf(key)! };
}

export function subjectOf(stack: Stack, key: string): Subject {
  return {
    api: apiOf(stack).url,
    gateway: gatewayOf(stack),
    questdb: stack.address('questdb'),
    key,
    processes: watchedOf(stack.processes),
  };
}

/** Longer than any answer may take; an import tells something all the time. */
const silenceMsMax = 60_000;

/** Connections to one server that are kept open. */
export class Connections {
  readonly #agent: Agent;
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string, connectionsMax: number) {
    this.#url = url;
    this.#key = key;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connectionsMax });
  }

  /** Resolves with the whole answer, whatever its status. */
  ask({ method, path, type = 'application/json', body }: Question): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const headers = {
      authorization: `Bearer ${this.#key}`,
      ...(body !== undefined && { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
    };
    const asked = request(this.#url + path, { method, agent: this.#agent, headers, timeout: silenceMsMax });
    asked.on('timeout', () => asked.destroy(new Error(`No answer to ${method} ${path}.`)));
    asked.on('error', reject);
    asked.on('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('error', reject);
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => {
        const position = response.headers['millrace-position'] as string | undefined;
        resolve({ status: response.statusCode ?? 0, position, body: Buffer.concat(pieces) });
      });
    });
    asked.end(body);
    return promise;
  }

  /** The answer of a question that has to succeed. */
  async json<T>(question: Question): Promise<T> {
    const { status, body } = await this.ask(question);
    if (status >= 300)
      throw new Error(`${question.method} ${question.path} was answered with ${status}: ${body.toString()}`);
    return JSON.parse(body.toString()) as T;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Resolves with the milliseconds until every service has the change of this position. */
export async function liveAfterMs(connections: Connections, position: string): Promise<number> {
  const startedMs = performance.now();
  const path = `/v1/config/propagation?position=${position}&wait=10000`;
  while (!(await connections.json<{ readonly live: boolean }>({ method: 'GET', path })).live)
    if (performance.now() - startedMs > liveMsMax) throw new Error(`Position ${position} is not live in time.`);
  return performance.now() - startedMs;
}

const liveMsMax = 300_000;
