/** The Authorization header of an HTTP request (RFC 9110, 11.6.2): password or certificate of a device (Basic), key or token (Bearer). */
import { deviceUidPattern, tenantPattern } from '@millrace/contracts';

export interface BasicAuthorization {
  readonly kind: 'basic';
  readonly tenant: string;
  readonly deviceUid: string;
  readonly password: string;
}

/** Basic without a password: the certificate of the connection is the proof. */
export interface CertificateAuthorization {
  readonly kind: 'certificate';
  readonly tenant: string;
  /** Null: the one that the certificate names. */
  readonly deviceUid: string | null;
}

export interface BearerAuthorization {
  readonly kind: 'bearer';
  readonly token: string;
}

export type Authorization = BasicAuthorization | CertificateAuthorization | BearerAuthorization;

/** Tokens of foreign issuers are the longest, with some groups in them two or three thousand; what is longer is not worth decoding. */
export const authorizationCharsMax = 4_096;
const basicPattern = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i;
const bearerPattern = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/**
 * Basic is `tenant/deviceUid:password` in base64 of UTF-8; the password may hold colons. `tenant/deviceUid:` and `tenant:` are for
 * connections with a certificate. Undefined: absent or malformed.
 */
export function parseAuthorization(header: string | undefined): Authorization | undefined {
  if (header === undefined || header.length > authorizationCharsMax) return undefined;
  const token = bearerPattern.exec(header)?.[1];
  if (token !== undefined) return { kind: 'bearer', token };
  const encoded = basicPattern.exec(header)?.[1];
  return encoded === undefined ? undefined : parseBasic(encoded);
}

function parseBasic(encoded: string): BasicAuthorization | CertificateAuthorization | undefined {
  const text = decodeUtf8(Buffer.from(encoded, 'base64'));
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 0) return undefined;
  const [tenant = '', deviceUid, ...rest] = text.slice(0, colon).split('/');
  const password = text.slice(colon + 1);
  if (rest.length > 0 || !tenantPattern.test(tenant)) return undefined;
  if (deviceUid === undefined) return password === '' ? { kind: 'certificate', tenant, deviceUid: null } : undefined;
  if (!deviceUidPattern.test(deviceUid)) return undefined;
  return password === '' ? { kind: 'certificate', tenant, deviceUid } : { kind: 'basic', tenant, deviceUid, password };
}

/** Undefined for bytes that are no UTF-8: replaced characters would make different passwords the same. */
function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
