/**
 * A robot of a DingTalk group, built from the vendor's published contract for custom robots: it checks token, signature and its
 * age, takes 20 messages a minute, and answers with status 200 and an errcode whatever happens.
 */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RobotMessage {
  readonly msgtype: string;
  readonly markdown: { readonly title: string; readonly text: string };
  readonly at: { readonly atMobiles: readonly string[]; readonly isAtAll: boolean };
}

interface Answer {
  readonly errcode: number;
  readonly errmsg: string;
}

const signatureMsMax = 3_600_000;
const minuteMs = 60_000;

export class DingtalkRobot {
  readonly accessToken = 'a1b2c3';
  readonly secret = 'SEC0123456789abcdef';
  readonly messages: RobotMessage[] = [];
  /** Requests that came, whatever became of them. */
  asked = 0;
  messagesPerMinuteMax = 20;
  /** Instead of what it would answer. */
  answer: Answer | undefined;
  /** Does not answer at all. */
  silent = false;
  readonly #nowMs: () => number;
  #takenMs: number[] = [];
  #server: Server | undefined;
  #port = 0;

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/robot/send`;
  }

  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      void this.#answerTo(request).then((answer) => {
        if (answer) response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
      });
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async leave(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  async #answerTo(request: IncomingMessage): Promise<Answer | undefined> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    this.asked += 1;
    if (this.silent) return undefined;
    const { pathname, searchParams } = new URL(request.url ?? '', this.url);
    if (request.method !== 'POST' || pathname !== '/robot/send') return { errcode: 404, errmsg: 'no such interface' };
    if (!request.headers['content-type']?.startsWith('application/json'))
      return { errcode: 43_004, errmsg: 'content type' };
    return this.answer ?? this.#refusal(searchParams) ?? this.#take(JSON.parse(Buffer.concat(chunks).toString()));
  }

  #refusal(parameters: URLSearchParams): Answer | undefined {
    if (parameters.get('access_token') !== this.accessToken) return { errcode: 300_005, errmsg: 'token is not exist' };
    const timestamp = parameters.get('timestamp') ?? '';
    const expected = createHmac('sha256', this.secret).update(`${timestamp}\n${this.secret}`).digest('base64');
    if (parameters.get('sign') !== expected) return { errcode: 310_000, errmsg: 'sign not match' };
    const isOld = Math.abs(this.#nowMs() - Number(timestamp)) > signatureMsMax;
    return isOld ? { errcode: 310_000, errmsg: 'invalid timestamp' } : undefined;
  }

  #take(message: RobotMessage): Answer {
    if (message.msgtype !== 'markdown' || !message.markdown.title || !message.markdown.text)
      return { errcode: 40_035, errmsg: 'invalid parameter' };
    const nowMs = this.#nowMs();
    this.#takenMs = this.#takenMs.filter((takenMs) => takenMs > nowMs - minuteMs);
    if (this.#takenMs.length >= this.messagesPerMinuteMax)
      return { errcode: 130_101, errmsg: 'send too fast, exceed 20 times per minute' };
    this.#takenMs.push(nowMs);
    this.messages.push(message);
    return { errcode: 0, errmsg: 'ok' };
  }
}
