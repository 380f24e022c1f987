/**
 * Access tokens of foreign OAuth 2 issuers: JWTs (RFC 7519, 9068) whose signature is checked by the issuer's published keys. Checking waits
 * for these keys the first time, so it is done beside the way of messages; what was right once is known until it ends.
 */
import { deviceUidPattern, MillraceError } from '@millrace/contracts';
import {
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  errors,
  type JWTPayload,
  jwtVerify,
  type RemoteJWKSet,
} from 'jose';

/** As it stands in `config.token-issuers.v1`; an object is one state of it. */
export interface TokenIssuer {
  readonly tenant: string;
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  readonly deviceClaim: string;
}

export interface ExternalToken {
  readonly tenant: string;
  readonly deviceUid: string;
  readonly expiresAtMs: number;
}

export interface ExternalTokenParts {
  /** Those whose tokens have this `iss`, of all tenants. */
  issuersOf(issuer: string): readonly TokenIssuer[];
  /** Answers of the issuers' servers, guarded and bounded by the caller. */
  get(url: URL, signal: AbortSignal): Promise<{ readonly status: number; readonly body: string }>;
  /** Hears why keys could not be had. */
  failed(issuer: TokenIssuer, error: unknown): void;
  nowMs(): number;
}

/** Public keys only: with a shared secret or none, whoever knows a public key could sign. */
const algorithms = ['ES256', 'ES384', 'PS256', 'PS384', 'RS256', 'RS384', 'EdDSA', 'Ed25519'];
/** Clocks of issuers are a little off. */
const clockToleranceSeconds = 30;
/** As many as connections may stay open with one; each is its text and some words, so about 30 MB. */
const verifiedMax = 20_000;
/** A server that fails is left alone for so long, however many tokens come. */
const failurePauseMs = 5_000;
/** A header with `alg` begins with `{"` in base64url. */
const tokenPattern = /^ey[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

interface Verified extends ExternalToken {
  readonly issuer: TokenIssuer;
}

interface IssuerKeys {
  readonly keys: RemoteJWKSet;
  failedAtMs: number;
}

export class ExternalTokens {
  readonly #parts: ExternalTokenParts;
  /** By token, oldest first. */
  readonly #verified = new Map<string, Verified>();
  readonly #keys = new WeakMap<TokenIssuer, IssuerKeys>();

  constructor(parts: ExternalTokenParts) {
    this.#parts = parts;
  }

  /** Undefined: `verify` has not found it right, it has ended, or its issuer was changed or taken away since. */
  find(token: string): ExternalToken | undefined {
    const found = this.#verified.get(token);
    if (!found || this.#parts.nowMs() >= found.expiresAtMs) return undefined;
    return this.#parts.issuersOf(found.issuer.issuer).includes(found.issuer) ? found : undefined;
  }

  /** Resolves when `find` knows whether it is right. Throws `issuer_unavailable` when the issuer's keys cannot be had. */
  async verify(token: string): Promise<void> {
    if (this.find(token)) return;
    this.#verified.delete(token);
    const issuer = this.#issuerOf(token);
    if (!issuer) return;
    const verified = await this.#verify(token, issuer);
    if (!verified) return;
    if (this.#verified.size >= verifiedMax) this.#verified.delete(this.#verified.keys().next().value ?? '');
    this.#verified.set(token, verified);
  }

  /** By what the token says of itself, so not yet to be believed. One that is for two tenants is for none. */
  #issuerOf(token: string): TokenIssuer | undefined {
    let claims: JWTPayload;
    try {
      claims = decodeJwt(token);
    } catch {
      return undefined;
    }
    const audiences = [claims.aud].flat();
    const meant = this.#parts.issuersOf(claims.iss ?? '').filter(({ audience }) => audiences.includes(audience));
    return meant.length === 1 ? meant[0] : undefined;
  }

  async #verify(token: string, issuer: TokenIssuer): Promise<Verified | undefined> {
    const issuerKeys = this.#keysOf(issuer);
    const nowMs = this.#parts.nowMs();
    if (nowMs - issuerKeys.failedAtMs < failurePauseMs) throw unavailable();
    try {
      const { payload } = await jwtVerify(token, issuerKeys.keys, {
        issuer: issuer.issuer,
        audience: issuer.audience,
        algorithms,
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(nowMs),
        requiredClaims: ['exp', issuer.deviceClaim],
      });
      return verifiedOf(payload, issuer);
    } catch (error) {
      if (isOfToken(error)) return undefined;
      issuerKeys.failedAtMs = nowMs;
      this.#parts.failed(issuer, error);
      throw unavailable(error);
    }
  }

  #keysOf(issuer: TokenIssuer): IssuerKeys {
    const known = this.#keys.get(issuer);
    if (known) return known;
    const keys = createRemoteJWKSet(new URL(issuer.jwksUrl), {
      [customFetch]: async (url, { signal }) => {
        const { status, body } = await this.#parts.get(new URL(url), signal);
        return new Response(body, { status });
      },
    });
    const fresh = { keys, failedAtMs: -Infinity };
    this.#keys.set(issuer, fresh);
    return fresh;
  }
}

/** Whether the text has the form of a JWT. */
export function looksLikeJwt(text: string): boolean {
  return tokenPattern.test(text);
}

function verifiedOf(payload: JWTPayload, issuer: TokenIssuer): Verified | undefined {
  const deviceUid = payload[issuer.deviceClaim];
  if (typeof deviceUid !== 'string' || !deviceUidPattern.test(deviceUid)) return undefined;
  const expiresAtMs = ((payload.exp ?? 0) + clockToleranceSeconds) * 1000;
  return { tenant: issuer.tenant, deviceUid, expiresAtMs, issuer };
}

/** The token is wrong, and not its issuer's server. */
function isOfToken(error: unknown): boolean {
  const ofServer: readonly string[] = [errors.JOSEError.code, errors.JWKSInvalid.code, errors.JWKSTimeout.code];
  return error instanceof errors.JOSEError && !ofServer.includes(error.code);
}

function unavailable(cause?: unknown): MillraceError {
  return new MillraceError(
    'issuer_unavailable',
    'The keys of the token\u2019s issuer cannot be had; send again later.',
    {
      cause,
    },
  );
}
