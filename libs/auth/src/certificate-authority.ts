/**
 * A certificate authority of a tenant's own, for tenants that have none: makes it, and signs certificates of devices, for requests of theirs
 * (PKCS #10) or with a key that is made here and shown once. Who keeps an authority stores its key sealed (`authorityKeyPurpose`) and
 * publishes its certificate alone. Certificates are short-lived, so a list of those revoked stays short.
 *
 * Apart from the index, because it loads a library that only the control plane needs.
 */
import 'reflect-metadata';
import { createPublicKey, randomBytes, verify, type webcrypto, X509Certificate } from 'node:crypto';
import { certificateHash, deviceUidPattern, MillraceError } from '@millrace/contracts';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  Pkcs10CertificateRequest,
  type PublicKey,
  SubjectKeyIdentifierExtension,
  X509Certificate as PeculiarCertificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** Both PEM. */
export interface AuthorityKeys {
  readonly certificate: string;
  /** PKCS #8. */
  readonly privateKey: string;
}

export interface CertificateOrder {
  readonly deviceUid: string;
  readonly nowMs: number;
  /** How long it is valid, 1 to 397; ends with its authority at the latest. */
  readonly days?: number;
}

export interface IssuedCertificate {
  /** PEM. */
  readonly certificate: string;
  /** Hexadecimal, as in `revokedSerials`. */
  readonly serialNumber: string;
  /** As in `config.device-credentials.v1`. */
  readonly hash: string;
  readonly notAfterMs: number;
  /** From then on the device should ask for the next one: two thirds of its life are over. */
  readonly renewAfterMs: number;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;
const authorityYears = 10;
export const certificateDaysDefault = 90;
/** A certificate that lives longer is forgotten, and so is how it is renewed. */
export const certificateDaysMax = 397;
/** Clocks of devices are often behind. */
const clockDifferenceMs = 300_000;
/** RFC 5280, 4.1.2.2: positive, at most 20 bytes. */
const serialBytes = 16;
const requestCharsMax = 16_384;
const rsaBits = { min: 2_048, max: 8_192 };
const curves: readonly (string | undefined)[] = ['prime256v1', 'secp384r1', 'secp521r1'];

/** What an authority's key is sealed for, and has to be opened for. */
export function authorityKeyPurpose(authority: { readonly tenant: string; readonly authorityId: string }): string {
  return `certificate authority ${authority.tenant}/${authority.authorityId} key`;
}

/** A new authority, valid for ten years; it signs certificates of devices and no further authorities. */
export async function createAuthority(tenant: string, nowMs: number): Promise<AuthorityKeys> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [`Devices of ${tenant}`] }, { O: [tenant] }],
    notBefore: new Date(nowMs - clockDifferenceMs),
    notAfter: new Date(nowMs + authorityYears * 365 * dayMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), privateKey: await pemOf(keys.privateKey) };
}

/**
 * A certificate for the key of a request in PEM; of the request nothing else is believed, but its signature proves that the device holds
 * the key. Throws `invalid_field` for a request that cannot be read or has a weak key, `configuration_invalid` for an authority that ends.
 */
export async function issueForRequest(
  authority: AuthorityKeys,
  request: string,
  order: CertificateOrder,
): Promise<IssuedCertificate> {
  return sign(authority, await publicKeyOf(request), order);
}

/** As `issueForRequest`, for a device that cannot make a key: the key (PKCS #8, PEM) is to be shown once and kept nowhere. */
export async function issueWithKey(
  authority: AuthorityKeys,
  order: CertificateOrder,
): Promise<IssuedCertificate & { readonly privateKey: string }> {
  const keys = await newKeys();
  return { ...(await sign(authority, keys.publicKey, order)), privateKey: await pemOf(keys.privateKey) };
}

/** What there is to say of a certificate in PEM that was issued. */
export function issuedCertificate(certificate: string): IssuedCertificate {
  const parsed = new X509Certificate(certificate);
  const [notBeforeMs, notAfterMs] = [parsed.validFromDate.getTime(), parsed.validToDate.getTime()];
  return {
    certificate,
    serialNumber: parsed.serialNumber,
    hash: certificateHash(parsed),
    notAfterMs,
    renewAfterMs: notBeforeMs + ((notAfterMs - notBeforeMs) * 2) / 3,
  };
}

/** Whether a certificate in PEM is for the key of a request, whose signature is checked. Throws as `issueForRequest` does. */
export async function isForKeyOf(request: string, certificates: readonly string[]): Promise<readonly boolean[]> {
  const key = Buffer.from((await publicKeyOf(request)).rawData);
  return certificates.map((one) =>
    new X509Certificate(one).publicKey.export({ format: 'der', type: 'spki' }).equals(key),
  );
}

/**
 * Whether the text was signed with the key of a certificate in PEM: `signature` is base64, with SHA-256 over the text in UTF-8, as
 * `openssl dgst -sha256 -sign` makes it; for Ed25519 over the text itself. False for what cannot be read.
 */
export function isSignedBy(certificate: string, text: string, signature: string): boolean {
  try {
    const { publicKey } = new X509Certificate(certificate);
    const digest = publicKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
    return verify(digest, Buffer.from(text), publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

async function sign(
  authority: AuthorityKeys,
  publicKey: PublicKey | webcrypto.CryptoKey,
  { deviceUid, nowMs, days = certificateDaysDefault }: CertificateOrder,
): Promise<IssuedCertificate> {
  if (!deviceUidPattern.test(deviceUid)) throw invalid('deviceUid', 'must be [A-Za-z0-9._-]{1,64}');
  if (!Number.isInteger(days) || days < 1 || days > certificateDaysMax)
    throw invalid('days', `must be a whole number from 1 to ${certificateDaysMax}`);
  const issuer = new PeculiarCertificate(authority.certificate);
  const notAfterMs = Math.min(nowMs + days * dayMs, issuer.notAfter.getTime());
  if (notAfterMs < nowMs + dayMs)
    throw new MillraceError(
      'configuration_invalid',
      'Make a new authority and trust both: this one ends within a day.',
    );
  const made = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [deviceUid] }],
    issuer: issuer.subjectName,
    notBefore: new Date(nowMs - clockDifferenceMs),
    notAfter: new Date(notAfterMs),
    publicKey,
    signingKey: await signingKeyOf(authority),
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return issuedCertificate(made.toString('pem'));
}

async function publicKeyOf(request: string): Promise<PublicKey> {
  if (request.length > requestCharsMax) throw invalid('request', `must have at most ${requestCharsMax} characters`);
  let parsed: Pkcs10CertificateRequest;
  let signed: boolean;
  try {
    parsed = new Pkcs10CertificateRequest(PemConverter.decodeFirst(request));
    signed = await parsed.verify();
  } catch (cause) {
    throw invalid('request', 'must be a certificate request (PKCS #10) in PEM', cause);
  }
  if (!signed) throw invalid('request', 'must be signed by its own key');
  if (!isStrong(Buffer.from(parsed.publicKey.rawData)))
    throw invalid(
      'request',
      `must have a key of RSA with ${rsaBits.min} bits or more, EC P-256, P-384 or P-521, or Ed25519`,
    );
  return parsed.publicKey;
}

function isStrong(spki: Buffer): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPublicKey({
    key: spki,
    format: 'der',
    type: 'spki',
  });
  const bits = details?.modulusLength ?? 0;
  if (type === 'rsa') return bits >= rsaBits.min && bits <= rsaBits.max;
  return type === 'ed25519' || (type === 'ec' && curves.includes(details?.namedCurve));
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** The first bit is 0 and the second one 1: positive, and always of one length. */
function newSerial(): string {
  const serial = randomBytes(serialBytes);
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  return serial.toString('hex');
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

function signingKeyOf({ privateKey }: AuthorityKeys): Promise<webcrypto.CryptoKey> {
  return crypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(privateKey), algorithm, false, ['sign']);
}

function invalid(field: string, detail: string, cause?: unknown): MillraceError {
  return new MillraceError('invalid_field', `${field}: ${detail}.`, {
    cause,
    errors: [{ field, code: 'invalid_format', detail }],
  });
}
