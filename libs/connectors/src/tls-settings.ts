/** TLS of a connection: whom we trust and who we are, checked before the first handshake. No message repeats what was given. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { ConnectionTls } from './connector.ts';

const certificates = z
  .string()
  .refine((pem) => certificatesIn(pem) !== undefined, 'Give one or more certificates in PEM.')
  .nullable();

const key = z
  .string()
  .refine((pem) => keyIn(pem) !== undefined, 'Give a private key in PEM, without a passphrase.')
  .nullable();

export const tlsSettings = z
  .strictObject({ ca: certificates, cert: certificates, key })
  .superRefine(({ cert, key: privateKey }, context) => {
    const refuse = (field: 'cert' | 'key', message: string) =>
      context.addIssue({ code: 'custom', path: [field], message });
    if (cert !== null && privateKey === null) refuse('key', 'Give the private key of the certificate.');
    if (cert === null && privateKey !== null) refuse('cert', 'Give the certificate of the private key.');
    if (cert !== null && privateKey !== null && !belongs(cert, privateKey))
      refuse('key', 'Give the key of the first certificate: this is that of another one.');
  })
  .nullable();

/** As `tls.connect` and `https.request` take them. */
export function tlsOptions(tls: ConnectionTls | null): { readonly ca?: string; cert?: string; key?: string } {
  return {
    ...(tls?.ca != null && { ca: tls.ca }),
    ...(tls?.cert != null && { cert: tls.cert }),
    ...(tls?.key != null && { key: tls.key }),
  };
}

function belongs(cert: string, privateKey: string): boolean {
  const [first] = certificatesIn(cert) ?? [];
  const own = keyIn(privateKey);
  return first !== undefined && own !== undefined && first.checkPrivateKey(own);
}

/** Undefined: the text has something else than certificates, or none. */
function certificatesIn(pem: string): readonly X509Certificate[] | undefined {
  const blocks = pem.split(/(?=-----BEGIN )/).filter((block) => block.startsWith('-----BEGIN '));
  try {
    return blocks.length === 0 ? undefined : blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

function keyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
