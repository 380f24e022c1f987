/** Who asks: a program with an API key, or another process of the installation that has checked the key and signs what it found. */
import { type Principal, principalHeader, type PrincipalReader } from '@millrace/auth';
import { MillraceError } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import { type Access, type Caller, CallerReader, type CallerRequest } from '@millrace/platform/rest';

export interface ControlCaller extends Caller {
  /** Another instance chose this one: the request goes no further. */
  readonly isForwardedHere: boolean;
}

export class ControlAccess extends CallerReader {
  readonly #access: Access;
  readonly #principals: PrincipalReader;
  readonly #clock: Clock;

  constructor(access: Access, principals: PrincipalReader, clock: Clock) {
    super();
    this.#access = access;
    this.#principals = principals;
    this.#clock = clock;
  }

  override callerOf(request: CallerRequest): ControlCaller {
    const header = request.headers[principalHeader];
    if (header === undefined) return { ...this.#access.callerOf(request), isForwardedHere: false };
    const { method, url: path, body } = request;
    const text = typeof header === 'string' ? header : '';
    const principal = this.#principals.read(text, { method, path, body: body ?? undefined }, this.#clock.nowMs());
    if (!principal)
      throw new MillraceError('unauthenticated', `The header ${principalHeader} is not valid for this request.`);
    return callerOf(principal);
  }
}

function callerOf({ tenant, keyId, scopes, to }: Principal): ControlCaller {
  return { tenant, key: { tenant, keyId, scopes: [...scopes], expiresAtMicros: null }, isForwardedHere: to !== null };
}
