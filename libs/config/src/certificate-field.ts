/** Certificates in files. */
import { X509Certificate } from 'node:crypto';
import { z } from 'zod';

/** One certificate with an RSA key of 8192 bits. */
const pemCharsMax = 16_384;

export const certificate = z
  .string()
  .max(pemCharsMax)
  .refine(isCertificate, { error: 'must be one certificate in PEM' });

export function isCertificate(pem: string): boolean {
  try {
    return pem.split('-----BEGIN ').length === 2 && new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
