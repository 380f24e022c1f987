/**
 * Who asks, on a request that one service of the installation forwards to another: signed, so that the other need not see the
 * credential, and bound to this one request.
 *
 *     header  = "1" · "." · claims (base64url of JSON) · "." · tag (base64url)
 *     claims  = {tenant, keyId, scopes, by, to, at, nonce}
 *     tag     = HMAC-SHA256(key, "1" · "." · claims as text · LF · method · LF · path with query · LF · SHA-256 of the body, base64url)
 *
 * The body counts as the JSON text of its value, which is the same on both sides whatever way it was written.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SecretKey } from './secret-key.ts';

/** Name of the header. */
export const principalHeader = 'millrace-principal';

/** How old a principal may be. */
export const principalMsMax = 30_000;
/** By how much the clocks of two machines may differ. */
const aheadMsMax = 5_000;
/** Seen in half a minute: beyond what an instance can answer. What comes then is refused, and nothing seen is forgotten. */
const seenMax = 200_000;
const nonceBytes = 16;
/** Scopes and names are short. */
const claimsCharsMax = 2_048;
const pattern = new RegExp(`^(1\\.[A-Za-z0-9_-]{1,${claimsCharsMax}})\\.([A-Za-z0-9_-]{43})$`);

export interface Principal {
  readonly tenant: string;
  readonly keyId: string;
  readonly scopes: readonly string[];
  /** Who forwards: service or instance. */
  readonly by: string;
  /** The instance that is meant; null: any that gets it. */
  readonly to: string | null;
}

export interface SignedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Undefined: none. */
  readonly body: unknown;
}

interface Claims extends Principal {
  readonly at: number;
  readonly nonce: string;
}

export class PrincipalSigner {
  readonly #key: Buffer;

  constructor(key: SecretKey) {
    this.#key = key.derive('signed-principals');
  }

  /** Value of the header. */
  sign(principal: Principal, request: SignedRequest, nowMs: number): string {
    const { tenant, keyId, scopes, by, to } = principal;
    const nonce = randomBytes(nonceBytes).toString('base64url');
    const claims: Claims = { tenant, keyId, scopes: [...scopes], by, to, at: Math.floor(nowMs), nonce };
    const text = `1.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    return `${text}.${tagOf(this.#key, text, request).toString('base64url')}`;
  }
}

export class PrincipalReader {
  readonly #key: Buffer;
  readonly #instance: string;
  /** When each may be forgotten, by nonce; in the order in which they came. */
  readonly #seen = new Map<string, number>();

  /** `instance`: this one; principals that are meant for another are refused. */
  constructor(key: SecretKey, instance: string) {
    this.#key = key.derive('signed-principals');
    this.#instance = instance;
  }

  /** Undefined: signed with another key or for another request or instance, too old, or seen already. */
  read(header: string, request: SignedRequest, nowMs: number): Principal | undefined {
    const [, text = '', tag = ''] = pattern.exec(header) ?? [];
    const shown = Buffer.from(tag, 'base64url');
    const expected = tagOf(this.#key, text, request);
    if (shown.length !== expected.length || !timingSafeEqual(shown, expected)) return undefined;
    const { at, nonce, ...principal } = JSON.parse(Buffer.from(text.slice(2), 'base64url').toString()) as Claims;
    if (at > nowMs + aheadMsMax || at < nowMs - principalMsMax) return undefined;
    if (principal.to !== null && principal.to !== this.#instance) return undefined;
    return this.#isNew(nonce, nowMs) ? principal : undefined;
  }

  #isNew(nonce: string, nowMs: number): boolean {
    for (const [old, endMs] of this.#seen) {
      if (endMs >= nowMs) break;
      this.#seen.delete(old);
    }
    if (this.#seen.has(nonce) || this.#seen.size >= seenMax) return false;
    this.#seen.set(nonce, nowMs + principalMsMax + aheadMsMax);
    return true;
  }
}

function tagOf(key: Buffer, text: string, { method, path, body }: SignedRequest): Buffer {
  const bodyHash = createHash('sha256')
    .update(body === undefined ? '' : JSON.stringify(body))
    .digest('base64url');
  return createHmac('sha256', key).update([text, method.toUpperCase(), path, bodyHash].join('\n')).digest();
}
