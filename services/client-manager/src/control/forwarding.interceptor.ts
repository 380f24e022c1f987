/** Lets the right instance do what a route is asked for: the caller gets that instance's answer from whichever it asked. */
import { entityKey } from '@millrace/config';
import {
  applyDecorators,
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
  UseInterceptors,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  type ForwardedAnswer,
  type ForwardedRequest,
  Forwarding,
  InstanceUnavailable,
  relay,
} from '@millrace/platform/rest';
import { from, type Observable } from 'rxjs';
import { Cluster, type ClusterInstance, takers } from './cluster.ts';
import { ConnectionStore } from './connection-store.ts';
import type { ControlCaller } from './control-access.ts';

/** This instance has read within it what another has written; it reads all the time. */
const reachedMsMax = 2_000;

/** Of what a change was written at, so that this instance can wait until it has read it. */
export const offsetHeader = 'millrace-offset';

const doneByMetadata = 'millrace:done-by';

/** `owner`: of the connection in the path; this instance when nobody owns it. `least loaded`: of those that take connections. */
type Doer = 'owner' | 'least loaded';

/** Who does what the route is asked for. */
export function DoneBy(doer: Doer): MethodDecorator {
  return applyDecorators(SetMetadata(doneByMetadata, doer), UseInterceptors(ForwardingInterceptor));
}

interface Request extends ForwardedRequest {
  readonly caller: ControlCaller;
  readonly params: Readonly<Record<string, string>>;
}

@Injectable()
export class ForwardingInterceptor implements NestInterceptor {
  readonly #cluster: Cluster;
  readonly #store: ConnectionStore;
  readonly #forwarding: Forwarding;
  readonly #reflector: Reflector;

  constructor(cluster: Cluster, store: ConnectionStore, forwarding: Forwarding, reflector: Reflector) {
    this.#cluster = cluster;
    this.#store = store;
    this.#forwarding = forwarding;
    this.#reflector = reflector;
  }

  /** What another instance has chosen this one for is done here: a request is forwarded once. */
  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    if (request.caller.isForwardedHere) return next.handle();
    const doer = this.#reflector.get<Doer>(doneByMetadata, context.getHandler());
    const answer = doer === 'owner' ? await this.#askOwner(request) : await this.#askLeastLoaded(request);
    if (!answer) return next.handle();
    await this.#reach(answer);
    return from([relay(answer, http.getResponse())]);
  }

  /** Undefined: it is to be done here. An owner that cannot have heard of it is gone. */
  async #askOwner(request: Request): Promise<ForwardedAnswer | undefined> {
    const view = this.#cluster.view();
    const owner = view.ownerOf(entityKey(request.caller.tenant, request.params['connectionId'] ?? ''));
    const target = view.instances.find(({ instance }) => instance === owner);
    if (!target || target.instance === this.#cluster.instance) return undefined;
    try {
      return await this.#ask(target, request);
    } catch (error) {
      if (error instanceof InstanceUnavailable && !error.mayHaveArrived) return undefined;
      throw error;
    }
  }

  /** A creation is idempotent, so the next one is asked when one does not answer. */
  async #askLeastLoaded(request: Request): Promise<ForwardedAnswer | undefined> {
    for (const target of takers(this.#cluster.view())) {
      if (target.instance === this.#cluster.instance) return undefined;
      try {
        return await this.#ask(target, request);
      } catch (error) {
        if (!(error instanceof InstanceUnavailable)) throw error;
      }
    }
    return undefined;
  }

  #ask({ url, instance }: ClusterInstance, request: Request): Promise<ForwardedAnswer> {
    const { caller, method, body, headers } = request;
    return this.#forwarding.send({ url, instance }, caller, { method, url: request.url, body, headers });
  }

  /** Who asks here next shall see what was written there. */
  async #reach({ headers }: ForwardedAnswer): Promise<void> {
    const offset = headers[offsetHeader];
    if (offset === undefined) return;
    await this.#store.reached(BigInt(offset), AbortSignal.timeout(reachedMsMax)).catch(() => undefined);
  }
}
