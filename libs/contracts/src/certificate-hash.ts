/** What a pinned certificate is known by on `config.device-credentials.v1`. */
import { createHash, type X509Certificate } from 'node:crypto';

/** SHA-256 of its DER form, base64url. */
export function certificateHash(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('base64url');
}
