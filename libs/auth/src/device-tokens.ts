/**
 * Tokens that a device gets for its password and shows instead of it. Whoever has the installation's key can check one without
 * asking anybody.
 *
 *     token   = kind · "." · payload (base64url) · "." · tag (base64url)
 *     kind    = "a" access, "r" refresh
 *     payload = end of validity (seconds since 1970, uint32, big endian) · mark (12 bytes) · tenant "/" deviceUid (ASCII)
 *     mark    = the first bytes of HMAC-SHA256(key, "mark " · hash of the password it was got with)
 *     tag     = HMAC-SHA256(key, kind · "." · payload as text)
 *
 * The mark ties a token to its password: when that is replaced, whoever knows the hashes of the device sees that the token is dead.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { deviceUidPattern, tenantPattern } from '@millrace/contracts';
import type { SecretKey } from './secret-key.ts';

export type TokenKind = 'access' | 'refresh';

export interface TokenLifetimes {
  readonly accessSeconds: number;
  /** Counted from the password: a device shows it again after this time, however often it has refreshed. */
  readonly refreshSeconds: number;
}

/** What a token says; true, because its tag was right. */
export interface DeviceToken {
  readonly kind: TokenKind;
  readonly tenant: string;
  readonly deviceUid: string;
  readonly expiresAtMs: number;
  readonly mark: Buffer;
}

export interface GrantedTokens {
  readonly accessToken: string;
  /** Whole seconds from now. */
  readonly accessExpiresIn: number;
  readonly refreshToken: string;
  readonly refreshExpiresIn: number;
}

const letters = { access: 'a', refresh: 'r' } as const;
const expiryBytes = 4;
const markBytes = 12;
/** The longest tenant and uid. */
const nameBytesMax = 32 + 1 + 64;
const payloadCharsMax = Math.ceil(((expiryBytes + markBytes + nameBytesMax) * 4) / 3);
const tokenPattern = new RegExp(`^([ar])\\.([A-Za-z0-9_-]{1,${payloadCharsMax}})\\.([A-Za-z0-9_-]{43})$`);

export class DeviceTokens {
  readonly #key: Buffer;
  readonly #lifetimes: TokenLifetimes;

  constructor(key: SecretKey, lifetimes: TokenLifetimes) {
    this.#key = key.derive('device-tokens');
    this.#lifetimes = lifetimes;
  }

  /** For a device that has shown the password of this hash. */
  grant(tenant: string, deviceUid: string, passwordHash: string, nowMs: number): GrantedTokens {
    const mark = this.#markOf(passwordHash);
    const refreshAt = wholeSeconds(nowMs) + this.#lifetimes.refreshSeconds;
    const refreshToken = this.#make('refresh', tenant, deviceUid, mark, refreshAt);
    return this.#withAccess(refreshToken, tenant, deviceUid, mark, refreshAt, nowMs);
  }

  /** For a device that has shown this refresh token, which stays the same: so does its end. */
  refresh(refreshToken: string, token: DeviceToken, nowMs: number): GrantedTokens {
    const { tenant, deviceUid, mark, expiresAtMs } = token;
    return this.#withAccess(refreshToken, tenant, deviceUid, mark, wholeSeconds(expiresAtMs), nowMs);
  }

  /** What the token says; undefined: not one of ours, of another kind, or its time is over. */
  read(kind: TokenKind, text: string, nowMs: number): DeviceToken | undefined {
    const [, letter, payload = '', tag = ''] = tokenPattern.exec(text) ?? [];
    if (letter !== letters[kind]) return undefined;
    const expected = this.#tagOf(`${letter}.${payload}`);
    if (!timingSafeEqual(Buffer.from(expected), Buffer.from(tag))) return undefined;
    const token = readPayload(kind, Buffer.from(payload, 'base64url'));
    return token && nowMs < token.expiresAtMs ? token : undefined;
  }

  /** Whether the token was got with a password of one of these hashes. */
  isMarkedBy({ mark }: DeviceToken, passwordHashes: readonly string[]): boolean {
    return passwordHashes.some((hash) => timingSafeEqual(this.#markOf(hash), mark));
  }

  #withAccess(
    refreshToken: string,
    tenant: string,
    deviceUid: string,
    mark: Buffer,
    refreshAt: number,
    nowMs: number,
  ): GrantedTokens {
    const now = wholeSeconds(nowMs);
    const accessAt = Math.min(now + this.#lifetimes.accessSeconds, refreshAt);
    return {
      accessToken: this.#make('access', tenant, deviceUid, mark, accessAt),
      accessExpiresIn: accessAt - now,
      refreshToken,
      refreshExpiresIn: refreshAt - now,
    };
  }

  #make(kind: TokenKind, tenant: string, deviceUid: string, mark: Buffer, expiresAt: number): string {
    const expiry = Buffer.alloc(expiryBytes);
    expiry.writeUInt32BE(expiresAt);
    const payload = Buffer.concat([expiry, mark, Buffer.from(`${tenant}/${deviceUid}`)]).toString('base64url');
    const signed = `${letters[kind]}.${payload}`;
    return `${signed}.${this.#tagOf(signed)}`;
  }

  #tagOf(signed: string): string {
    return createHmac('sha256', this.#key).update(signed).digest('base64url');
  }

  #markOf(hash: string): Buffer {
    return createHmac('sha256', this.#key).update(`mark ${hash}`).digest().subarray(0, markBytes);
  }
}

/** Whether the text has the form of one of our tokens; `read` decides. */
export function looksLikeDeviceToken(text: string): boolean {
  return tokenPattern.test(text);
}

function readPayload(kind: TokenKind, payload: Buffer): DeviceToken | undefined {
  if (payload.length <= expiryBytes + markBytes) return undefined;
  const [tenant = '', deviceUid = ''] = payload.toString('latin1', expiryBytes + markBytes).split('/');
  if (!tenantPattern.test(tenant) || !deviceUidPattern.test(deviceUid)) return undefined;
  return {
    kind,
    tenant,
    deviceUid,
    expiresAtMs: payload.readUInt32BE() * 1000,
    mark: payload.subarray(expiryBytes, expiryBytes + markBytes),
  };
}

const wholeSeconds = (ms: number): number => Math.floor(ms / 1000);
