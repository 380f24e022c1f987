/** Real certificates for tests, made on the spot: authorities, and what they sign. */
import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

export interface CertificateAndKey {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateWish {
  /** As in `CN=d1,O=Acme`. */
  readonly subject?: string;
  /** Another name than that of the authority that signs. */
  readonly issuer?: string;
  readonly names?: readonly JsonGeneralName[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Hexadecimal. */
  readonly serialNumber?: string;
  readonly use?: 'client' | 'server';
  readonly ca?: boolean;
  /** Of the signature; default: SHA-256. */
  readonly hash?: 'SHA-1';
}

export interface TestAuthority extends CertificateAndKey {
  issue(wish: CertificateWish): Promise<CertificateAndKey>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const uses = { client: ExtendedKeyUsage.clientAuth, server: ExtendedKeyUsage.serverAuth };
const hourMs = 3_600_000;

export async function testAuthority(subject: string, wish: CertificateWish = {}): Promise<TestAuthority> {
  const keys = await newKeys();
  const own = await signed({ ca: true, ...wish, subject }, keys, subject, keys.privateKey);
  return {
    ...own,
    async issue(other) {
      return signed(other, await newKeys(), subject, keys.privateKey);
    },
  };
}

/** A request (PKCS #10) and its key, both PEM. */
export async function certificateRequest(
  subject = 'CN=device',
): Promise<{ readonly request: string; readonly key: string }> {
  const keys = await newKeys();
  const made = await Pkcs10CertificateRequestGenerator.create({ name: subject, keys, signingAlgorithm: algorithm });
  return { request: made.toString('pem'), key: await pemOf(keys.privateKey) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function signed(
  wish: CertificateWish,
  keys: webcrypto.CryptoKeyPair,
  issuer: string,
  signingKey: webcrypto.CryptoKey,
): Promise<CertificateAndKey> {
  const certificate = await X509CertificateGenerator.create({
    ...(wish.serialNumber !== undefined && { serialNumber: wish.serialNumber }),
    subject: wish.subject ?? '',
    issuer: wish.issuer ?? issuer,
    notBefore: wish.notBefore ?? new Date(Date.now() - hourMs),
    notAfter: wish.notAfter ?? new Date(Date.now() + hourMs),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: { ...algorithm, hash: wish.hash ?? algorithm.hash },
    extensions: [
      ...(wish.ca === true ? [new BasicConstraintsExtension(true, undefined, true)] : []),
      ...(wish.use ? [new ExtendedKeyUsageExtension([uses[wish.use]])] : []),
      ...(wish.names ? [new SubjectAlternativeNameExtension([...wish.names])] : []),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey) };
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = pkcs8.match(/.{1,64}/g)!.join('\n');
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}
