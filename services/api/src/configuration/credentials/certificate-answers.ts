/** The forms of a certificate request and of what is answered to it. */
import { z } from 'zod';
import type { MadeCertificate } from './device-certificates.ts';

/** With an RSA key of 8192 bits. */
const requestCharsMax = 16_384;

export const certificateRequest = z
  .string()
  .max(requestCharsMax)
  .describe('A certificate request (PKCS #10) in PEM; of it the key alone is taken.');

export const certificateAnswer = z
  .strictObject({
    certificate: z.string().describe('PEM.'),
    privateKey: z.string().nullable().describe('PKCS #8 in PEM, shown this once; null: the device has its key.'),
    serialNumber: z.string(),
    authorityId: z.string(),
    notAfter: z.iso.datetime(),
    renewAfter: z.iso.datetime().describe('From then on the device should ask for the next one.'),
  })
  .meta({ id: 'IssuedCertificate' });

export function certificateForm(made: MadeCertificate): z.infer<typeof certificateAnswer> {
  const { certificate, privateKey, serialNumber, authorityId, notAfterMs, renewAfterMs } = made;
  return {
    certificate,
    privateKey,
    serialNumber,
    authorityId,
    notAfter: new Date(notAfterMs).toISOString(),
    renewAfter: new Date(renewAfterMs).toISOString(),
  };
}
