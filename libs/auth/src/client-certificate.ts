/**
 * Whose a client certificate is. TLS has proved that the client holds its private key; what is left is whether it is trusted, which is
 * asked for each connection and each change of the configuration, not once in a handshake that knows no tenants.
 */
import { X509Certificate } from 'node:crypto';
import { deviceUidPattern } from '@millrace/contracts';

/** As it stands in `config.certificate-authorities.v1`. */
export interface TrustedAuthority {
  /** PEM of the certificate whose key signs the devices' certificates: no chain is built. */
  readonly certificate: string;
  readonly deviceFrom: { readonly field: string; readonly pattern: string };
  readonly revokedSerials: readonly string[];
}

const clientAuthentication = '1.3.6.1.5.5.7.3.2';
const placeholder = '{deviceUid}';

/** Parsed once per entry of the configuration, which is replaced when it changes. */
const parsedAuthorities = new WeakMap<TrustedAuthority, X509Certificate | null>();

/** The device that an authority's certificate speaks for; undefined: it is not valid, not of this authority, or names no device. */
export function deviceUidOf(peer: X509Certificate, authority: TrustedAuthority, nowMs: number): string | undefined {
  const issuer = parsedOf(authority);
  if (!issuer?.ca || !isInTime(issuer, nowMs) || !isInTime(peer, nowMs)) return undefined;
  if (!peer.checkIssued(issuer) || !isSigned(peer, issuer)) return undefined;
  if (peer.ca || !isForClients(peer) || isRevoked(peer, authority)) return undefined;
  const { field, pattern } = authority.deviceFrom;
  const named = namesIn(peer, field).map((name) => unwrapped(name, pattern));
  const [deviceUid, ...others] = named.filter((uid) => uid !== undefined);
  return others.length === 0 ? deviceUid : undefined;
}

/** When the certificate and its authority end, milliseconds since 1970. */
export function certificateEndMs(peer: X509Certificate, authority?: TrustedAuthority): number {
  const issuer = authority && parsedOf(authority);
  return Math.min(peer.validToDate.getTime(), issuer?.validToDate.getTime() ?? Infinity);
}

export function isInTime({ validFromDate, validToDate }: X509Certificate, nowMs: number): boolean {
  return validFromDate.getTime() <= nowMs && nowMs < validToDate.getTime();
}

/** Null: what the configuration holds is no certificate. */
function parsedOf(authority: TrustedAuthority): X509Certificate | null {
  const known = parsedAuthorities.get(authority);
  if (known !== undefined) return known;
  let parsed: X509Certificate | null = null;
  try {
    parsed = new X509Certificate(authority.certificate);
  } catch {
    // It trusts nobody then.
  }
  parsedAuthorities.set(authority, parsed);
  return parsed;
}

/** Signatures over MD5 or SHA-1 can be forged (https://sha-mbles.github.io). */
function isSigned(peer: X509Certificate, issuer: X509Certificate): boolean {
  return !/md5|sha-?1(?!\d)/i.test(peer.signatureAlgorithm ?? '') && peer.verify(issuer.publicKey);
}

/** Without an extended key usage a certificate is for everything (RFC 5280, 4.2.1.12). */
function isForClients({ keyUsage }: X509Certificate): boolean {
  return (keyUsage as readonly string[] | undefined)?.includes(clientAuthentication) ?? true;
}

function isRevoked({ serialNumber }: X509Certificate, { revokedSerials }: TrustedAuthority): boolean {
  const serial = withoutZeros(serialNumber);
  return revokedSerials.some((revoked) => withoutZeros(revoked) === serial);
}

const withoutZeros = (serial: string): string => serial.toUpperCase().replace(/^0+/, '');

function namesIn(peer: X509Certificate, field: string): readonly string[] {
  switch (field) {
    case 'commonName': {
      const { CN } = peer.toLegacyObject().subject as { readonly CN?: string | readonly string[] };
      return CN === undefined ? [] : [CN].flat();
    }
    case 'dns':
      return alternativeNames(peer, 'DNS');
    case 'uri':
      return alternativeNames(peer, 'URI');
    default:
      return [];
  }
}

/** Node writes a value with signs that could be taken for separators as a JSON string; none of these can be a name of ours. */
function alternativeNames({ subjectAltName }: X509Certificate, kind: string): readonly string[] {
  const entries = (subjectAltName ?? '').matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)/g);
  return [...entries].filter(([, name]) => name === kind).map(([, , value = '']) => value);
}

/** What stands in the place of `{deviceUid}`. */
function unwrapped(name: string, pattern: string): string | undefined {
  const place = pattern.indexOf(placeholder);
  if (place < 0) return undefined;
  const [before, after] = [pattern.slice(0, place), pattern.slice(place + placeholder.length)];
  if (name.length < before.length + after.length || !name.startsWith(before) || !name.endsWith(after)) return undefined;
  const uid = name.slice(before.length, name.length - after.length);
  return deviceUidPattern.test(uid) ? uid : undefined;
}
