/**
 * `POST /v1/token`: a device gets a token for its password, and another one for its refresh token. Form and members are those of
 * OAuth 2 (RFC 6749, 4.3, 5 and 6); a refusal is a problem as everywhere here, with OAuth's `error` beside it.
 *
 *     grant_type=password&username=tenant/deviceUid&password=…
 *     grant_type=refresh_token&refresh_token=…
 *     → {"access_token", "token_type": "Bearer", "expires_in", "refresh_token", "refresh_expires_in"}
 */
import { isUtf8 } from 'node:buffer';
import { asMillraceError, type ErrorCode, MillraceError } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import type { GrantedTokens, TokenDesk } from './gateway.ts';
import { GuessLimit } from './guess-limit.ts';

export const tokenContentType = 'application/x-www-form-urlencoded';
/** A password of 256 characters, each three bytes, each byte three characters. */
export const tokenBodyBytesMax = 4 * 1024;

/** A tenant, a slash and a uid; what is longer is nobody, and must not fill the memory. */
const userCharsMax = 97;

export class TokenCounter {
  readonly #desk: TokenDesk;
  readonly #limit: GuessLimit;

  constructor(desk: TokenDesk, clock: Clock) {
    this.#desk = desk;
    this.#limit = new GuessLimit(clock);
  }

  /** The JSON of the answer. `remote`: where the request comes from. Throws what is wrong with the request or its credential. */
  answer(body: Buffer, remote: string): string {
    const form = readForm(body);
    const grant = required(form, 'grant_type');
    if (grant === 'refresh_token') return answerOf(this.#desk.byRefreshToken(required(form, 'refresh_token')));
    if (grant !== 'password') throw invalid('grant_type', 'Must be password or refresh_token.');
    return answerOf(this.#byPassword(required(form, 'username'), required(form, 'password'), remote));
  }

  #byPassword(username: string, password: string, remote: string): GrantedTokens {
    const name = `${remote} ${username.slice(0, userCharsMax)}`;
    this.#limit.check(name);
    try {
      return this.#desk.byPassword(`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`);
    } catch (error) {
      if (asMillraceError(error).code === 'unauthenticated') this.#limit.wrong(name);
      throw error;
    }
  }
}

/** The value of `error` in an answer of OAuth (RFC 6749, 5.2). */
export function oauthErrorOf({ code, errors }: MillraceError): string {
  if (errors[0]?.field === 'grant_type' && errors[0].code === 'invalid_format') return 'unsupported_grant_type';
  return (oauthErrors as Partial<Record<ErrorCode, string>>)[code] ?? 'invalid_request';
}

const oauthErrors = {
  unauthenticated: 'invalid_grant',
  device_not_active: 'invalid_grant',
  device_disabled: 'invalid_grant',
  device_retired: 'invalid_grant',
  too_many_attempts: 'invalid_grant',
  internal: 'server_error',
  not_ready: 'temporarily_unavailable',
  overloaded: 'temporarily_unavailable',
} as const;

function answerOf(granted: GrantedTokens): string {
  return JSON.stringify({
    access_token: granted.accessToken,
    token_type: 'Bearer',
    expires_in: granted.accessExpiresIn,
    refresh_token: granted.refreshToken,
    refresh_expires_in: granted.refreshExpiresIn,
  });
}

function readForm(body: Buffer): URLSearchParams {
  if (body.length === 0) throw new MillraceError('empty_body', 'Send the form of a token request (RFC 6749, 4.3).');
  if (!isUtf8(body)) throw new MillraceError('malformed_body', 'The form is not UTF-8.');
  return new URLSearchParams(body.toString('utf8'));
}

function required(form: URLSearchParams, field: string): string {
  const [value, ...more] = form.getAll(field);
  if (value !== undefined && value !== '' && more.length === 0) return value;
  throw invalid(field, 'Give it once.', 'required');
}

function invalid(field: string, detail: string, code = 'invalid_format'): MillraceError {
  return new MillraceError('invalid_field', `${field}: ${detail}`, { errors: [{ field, code, detail }] });
}
