/** The door for devices that renew their certificates. */
import { keyIdOf, parseAuthorization } from '@millrace/auth';
import {
  ApiCreatedResponse,
  ApiDefaultResponse,
  ApiHeader,
  ApiOperation,
  ApiTags,
  problemAnswer,
  Public,
} from '@millrace/platform/rest';
import { Body, Controller, Headers, Ip, Post, Res } from '@nestjs/common';
import { z } from 'zod';
import { RequestGate } from '../registration/request-gate.ts';
import { certificateAnswer, certificateForm, certificateRequest } from './certificate-answers.ts';
import { CertificateRenewal } from './certificate-renewal.ts';
import { type HeaderReply, neverStored } from './secret-reply.ts';

/** Of an RSA key of 8192 bits. */
const signatureCharsMax = 2_048;

const renewalRequest = z
  .strictObject({
    request: certificateRequest,
    signature: z
      .base64()
      .max(signatureCharsMax)
      .optional()
      .describe(
        'Without a key or password: over the text of `request`, by the key of a valid certificate (SHA-256, base64).',
      ),
  })
  .meta({ id: 'CertificateRenewal' });

@Controller('v1/certificate-renewals')
@Public('A device comes with a credential of its own, which is no key of a program.')
@ApiTags('registrations')
export class CertificateRenewalController {
  readonly #renewal: CertificateRenewal;
  readonly #gate: RequestGate;

  constructor(renewal: CertificateRenewal, gate: RequestGate) {
    this.#renewal = renewal;
    this.#gate = gate;
  }

  @Post()
  @ApiOperation({
    summary: 'Renews the certificate of the device that asks',
    description: 'The same request again gives the same certificate. The one before stays valid until it ends.',
  })
  @ApiHeader({
    name: 'Authorization',
    required: false,
    description: 'As at the gateway: a key, a password, or tenant/deviceUid with an empty one.',
  })
  @ApiCreatedResponse({ standardSchema: certificateAnswer })
  @ApiDefaultResponse({ standardSchema: problemAnswer, description: 'RFC 9457 problem details.' })
  async renew(
    @Headers('authorization') authorization: string | undefined,
    @Body({ schema: renewalRequest }) request: z.infer<typeof renewalRequest>,
    @Ip() remote: string,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<z.infer<typeof certificateAnswer>> {
    const made = await this.#gate.pass(remote, nameOf(authorization), () =>
      this.#renewal.renew(authorization, request),
    );
    neverStored(reply);
    return certificateForm(made);
  }
}

/** As far as the credential says it. */
function nameOf(authorization: string | undefined): string {
  const credential = parseAuthorization(authorization);
  if (credential === undefined) return '';
  if (credential.kind === 'bearer') return keyIdOf(credential.token) ?? '';
  return `${credential.tenant}/${credential.deviceUid ?? ''}`;
}
