/** Asks the api of an installation as any program does; what it refuses becomes a sentence for a person. */
import { UserError } from '../stack/user-error.ts';

export interface ApiDoor {
  readonly url: string;
  readonly key: string;
  /** For a key of the platform: the tenant in which it acts. */
  readonly tenant?: string;
}

export interface ApiRequest extends RequestInit {
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Of an answer that is an error, RFC 9457. */
interface Problem {
  readonly detail?: string;
  readonly errors?: readonly { readonly field: string; readonly detail: string }[];
}

/** More of them do not fit on a screen. */
const errorsShownMax = 20;

export class ApiClient {
  readonly door: ApiDoor;

  constructor(door: ApiDoor) {
    this.door = door;
  }

  in(tenant: string): ApiClient {
    return new ApiClient({ ...this.door, tenant });
  }

  get<T>(path: string, signal: AbortSignal): Promise<T> {
    return this.send('GET', path, undefined, signal);
  }

  /** With a JSON body, or none. Throws a UserError for everything but success. */
  async send<T>(method: string, path: string, body: object | undefined, signal: AbortSignal): Promise<T> {
    const response = await this.succeeded(path, {
      method,
      signal,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** The answer, whatever it says. Throws a UserError when there is none. */
  async answer(path: string, init: ApiRequest): Promise<Response> {
    const { url, key, tenant } = this.door;
    const headers = { ...init.headers, authorization: `Bearer ${key}`, ...(tenant && { 'millrace-tenant': tenant }) };
    try {
      return await fetch(url + path, { ...init, headers });
    } catch (error) {
      init.signal.throwIfAborted();
      throw new UserError(`No api answers at ${url}.`, { cause: error });
    }
  }

  /** The answer of a request that succeeded; throws a UserError for every other. */
  async succeeded(path: string, init: ApiRequest): Promise<Response> {
    const response = await this.answer(path, init);
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as Problem;
    const why = problem.detail ?? `it answered ${response.status}.`;
    throw new UserError(withFields(`The api refused ${path.split('?')[0]}: ${why}`, problem.errors));
  }
}

/** Several wrong fields stand below the sentence, one a line; a single one is in it. */
export function withFields(sentence: string, errors: Problem['errors'] = []): string {
  if (errors.length < 2) return sentence;
  const lines = errors.slice(0, errorsShownMax).map(({ field, detail }) => `  ${field || 'as a whole'}: ${detail}`);
  const more = errors.length > lines.length ? [`  and ${errors.length - lines.length} more`] : [];
  return [sentence, ...lines, ...more].join('\n');
}
