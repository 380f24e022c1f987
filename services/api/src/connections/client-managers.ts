/** The client managers of the installation, which alone know the connections: any of them answers for all. */
import { MillraceError } from '@millrace/contracts';
import {
  type Caller,
  type ForwardedAnswer,
  type ForwardedRequest,
  type Forwarding,
  InstanceUnavailable,
} from '@millrace/platform/rest';

export class ClientManagers {
  readonly #urls: readonly string[];
  readonly #forwarding: Pick<Forwarding, 'send'>;

  constructor(urls: readonly string[], forwarding: Pick<Forwarding, 'send'>) {
    this.#urls = urls;
    this.#forwarding = forwarding;
  }

  /**
   * The answer of the first that gives one. `isRepeatable`: what may have reached one that does not answer may be asked of the next
   * too. Throws `instance_unavailable`.
   */
  async ask(caller: Caller, request: ForwardedRequest, isRepeatable: boolean): Promise<ForwardedAnswer> {
    const { method, url: path, body, headers } = request;
    let failure = new MillraceError(
      'instance_unavailable',
      'The api knows no client manager: set MILLRACE_CLIENT_MANAGER_URLS.',
    );
    for (const url of this.#urls)
      try {
        const answer = await this.#forwarding.send({ url, instance: null }, caller, {
          method,
          url: path,
          body,
          headers,
        });
        if (!isStarting(answer)) return answer;
        failure = new MillraceError('instance_unavailable', 'The client manager is starting or stopping; try again.');
      } catch (error) {
        if (!(error instanceof InstanceUnavailable) || (error.mayHaveArrived && !isRepeatable)) throw error;
        failure = error;
      }
    throw failure;
  }
}

/** Its port answers before it does anything. */
function isStarting({ status, text }: ForwardedAnswer): boolean {
  return status === 503 && text.includes('"code":"not_ready"');
}
