/** The server behind `http.gateway.ts`: admits requests, hands their messages over, answers. */
import type { Server } from 'node:tls';
import { MillraceError, type ReceivedMessage } from '@millrace/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ConfirmationLimit } from './confirmation-limit.ts';
import { drain } from './drain.ts';
import type { GatewayPorts, Sender } from './gateway.ts';
import { httpError, sendProblem } from './http-problem.ts';
import { createHttpServer } from './http-server.ts';
import type { HttpGatewaySettings } from './http-settings.ts';
import { oauthErrorOf, tokenBodyBytesMax, tokenContentType, TokenCounter } from './http-token.ts';
import { batchEntries, readBatch } from './message-batch.ts';
import { payloadBytesMax } from './message-limits.ts';
import { readSingleMessage } from './single-message.ts';
import { peerOf, type TlsIdentity } from './tls-identity.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set when the request was admitted. */
    sender: Sender | null;
    /** What it counts as when it is refused: one message until its messages are known, none after they were handed over. */
    messagesToRefuse: number;
  }
}

export class HttpIngest {
  readonly #settings: HttpGatewaySettings;
  readonly #ports: GatewayPorts;
  readonly #confirmations: ConfirmationLimit;
  readonly #tokens: TokenCounter;
  readonly #server: FastifyInstance;
  readonly #identity: TlsIdentity | undefined;
  #requestsInFlight = 0;
  #stopping = false;

  /** `identity`: it listens for TLS, and shows this. */
  constructor(settings: HttpGatewaySettings, ports: GatewayPorts, identity?: TlsIdentity) {
    this.#settings = settings;
    this.#ports = ports;
    this.#confirmations = new ConfirmationLimit(settings.confirmMsMax, ports.clock);
    this.#tokens = new TokenCounter(ports.tokens, ports.clock);
    this.#identity = identity;
    this.#server = createHttpServer(settings.connectionsMax, identity?.options);
    this.#server.decorateRequest('sender', null);
    this.#server.decorateRequest('messagesToRefuse', 1);
    this.#server.setNotFoundHandler((_, reply) =>
      sendProblem(
        reply,
        new MillraceError('not_found', 'Send to POST /v1/messages or /v1/messages/batch, or ask POST /v1/token.'),
      ),
    );
    this.#server.setErrorHandler((error, request, reply) => this.#refuse(error, request, reply));
    this.#route('/v1/messages', '*', payloadBytesMax, (request, reply) => this.#single(request, reply));
    this.#route('/v1/messages/batch', 'application/json', settings.batchBytesMax, (request, reply) =>
      this.#batch(request, reply),
    );
    this.#routeToken();
  }

  async listen(): Promise<string> {
    const address = await this.#server.listen({ host: this.#settings.host, port: this.#settings.port });
    void this.#identity?.follow(this.#server.server as unknown as Server, this.#ports.clock, (error) =>
      this.#ports.failed(error),
    );
    return address;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#identity?.close();
    await drain(this.#server.close(), () => this.#server.server.closeAllConnections(), this.#ports.clock);
    this.#confirmations.close();
  }

  /** Each route in a context of its own: they take different content types. */
  #route(path: string, contentType: string, bodyLimit: number, handler: Handler): void {
    void this.#server.register((context, _, registered) => {
      context.addHook('onRequest', (request, reply, next) => this.#admit(request, reply, next));
      context.addContentTypeParser(contentType, { parseAs: 'buffer' }, (_request, body, read) => read(null, body));
      context.post(path, { bodyLimit }, handler);
      registered();
    });
  }

  /** No message, and no sender yet: it is counted nowhere, and its refusals are OAuth's as well. */
  #routeToken(): void {
    void this.#server.register((context, _, registered) => {
      context.addHook('onRequest', (request, reply, next) => {
        request.messagesToRefuse = 0;
        try {
          this.#enter(request, reply);
        } catch (error) {
          return next(error as Error);
        }
        next();
      });
      context.setErrorHandler((error, request, reply) => {
        reply.header('cache-control', 'no-store');
        return this.#refuse(error, request, reply, oauthErrorOf);
      });
      context.addContentTypeParser(tokenContentType, { parseAs: 'buffer' }, (_request, body, read) => read(null, body));
      context.post('/v1/token', { bodyLimit: tokenBodyBytesMax }, (request, reply) => {
        const answer = this.#tokens.answer((request.body as Buffer | undefined) ?? nothing, request.ip);
        return this.#answer(reply.header('cache-control', 'no-store'), answer);
      });
      registered();
    });
  }

  /** Decides by the head of a request whether its body is read at all. */
  #admit(request: FastifyRequest, reply: FastifyReply, next: (error?: Error) => void): void {
    try {
      this.#enter(request, reply);
      const preparing = this.#ports.authenticator.prepare(request.headers.authorization);
      if (preparing) return void preparing.then(() => this.#authenticate(request)).then(() => next(), next);
      this.#authenticate(request);
    } catch (error) {
      return next(error as Error);
    }
    next();
  }

  #enter(request: FastifyRequest, reply: FastifyReply): void {
    if (this.#stopping) throw new MillraceError('not_ready', 'The gateway is stopping; send to another one.');
    if (this.#requestsInFlight >= this.#settings.requestsInFlightMax)
      throw new MillraceError('overloaded', 'Too many requests are in flight; send again after the given time.');
    if (request.headers['content-encoding'] !== undefined)
      throw new MillraceError('unsupported_media_type', 'Send the body without Content-Encoding.');
    this.#requestsInFlight += 1;
    reply.raw.once('close', this.#leave);
  }

  #authenticate(request: FastifyRequest): void {
    const { headers, socket } = request;
    request.sender = this.#ports.authenticator.authenticate(headers.authorization, peerOf(socket));
  }

  /** `close` comes once for every admitted request, also when its sender went away. */
  readonly #leave = (): void => {
    this.#requestsInFlight -= 1;
  };

  async #single(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const message = readSingleMessage(request, senderOf(request));
    const [id] = await this.#accept([message], request);
    return this.#answer(reply, `{"id":"${hex(id!)}"}`);
  }

  async #batch(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const entries = batchEntries((request.body as Buffer | undefined) ?? nothing, this.#settings.messagesPerBatchMax);
    request.messagesToRefuse = entries.length;
    const ids = await this.#accept(readBatch(entries, senderOf(request)), request);
    return this.#answer(reply, `{"ids":["${ids.map(hex).join('","')}"]}`);
  }

  /** From here on the sink counts the messages: by what becomes of them, not by what their sender hears. */
  #accept(messages: readonly ReceivedMessage[], request: FastifyRequest): Promise<readonly Uint8Array[]> {
    request.messagesToRefuse = 0;
    return this.#confirmations.within(this.#ports.sink.accept(messages));
  }

  #answer(reply: FastifyReply, body: string): FastifyReply {
    if (this.#stopping) reply.header('connection', 'close');
    return reply.type('application/json').send(body);
  }

  #refuse(
    thrown: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
    oauthError?: (error: MillraceError) => string,
  ): FastifyReply {
    const error = httpError(thrown);
    if (error.code === 'internal') this.#ports.failed(thrown);
    if (request.messagesToRefuse > 0) {
      this.#ports.hop.in(request.messagesToRefuse);
      this.#ports.hop.rejected(error.code, request.messagesToRefuse);
    }
    if (this.#stopping) reply.header('connection', 'close');
    return sendProblem(reply, error, oauthError && { error: oauthError(error) });
  }
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

const nothing = Buffer.alloc(0);

function senderOf(request: FastifyRequest): Sender {
  if (request.sender) return request.sender;
  throw new MillraceError('unauthenticated', 'The request was not admitted.');
}

function hex(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex');
}
