/** Certificates of devices that the built-in authority of the tenant signs. */
import { certificateDaysMax } from '@millrace/auth/certificate-authority';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  Needs,
  Tenant,
} from '@millrace/platform/rest';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { z } from 'zod';
import { positionHeader } from '../resources/resource-request.ts';
import { certificateAnswer, certificateForm, certificateRequest } from './certificate-answers.ts';
import { DeviceCertificates } from './device-certificates.ts';
import { type HeaderReply, neverStored } from './secret-reply.ts';

const issueRequest = z
  .strictObject({
    request: certificateRequest.optional(),
    days: z.int().min(1).max(certificateDaysMax).optional().describe('How long it is valid; 90 unless given.'),
  })
  .prefault({})
  .meta({ id: 'CertificateOrder' });

const issuedItem = z
  .strictObject({
    serialNumber: z.string(),
    authorityId: z.string(),
    issuedAt: z.iso.datetime(),
    notAfter: z.iso.datetime(),
    revokedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'DeviceCertificate' });

const issuedList = z
  .strictObject({ items: z.array(issuedItem), next: z.null().describe('There is one page.') })
  .meta({ id: 'DeviceCertificatePage' });

@Controller('v1/devices/:id/certificates')
@Needs('admin')
@ApiTags('devices')
export class DeviceCertificatesController {
  readonly #certificates: DeviceCertificates;

  constructor(certificates: DeviceCertificates) {
    this.#certificates = certificates;
  }

  @Post()
  @ApiOperation({
    summary: 'Issues a certificate of a device',
    description:
      'For a request of the device, or with a key that is made here and shown this once. The same request again gives the same certificate.',
  })
  @ApiCreatedResponse({ standardSchema: certificateAnswer })
  async issue(
    @Tenant() tenant: string,
    @Param('id') id: string,
    @Body({ schema: issueRequest }) wish: z.infer<typeof issueRequest>,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<z.infer<typeof certificateAnswer>> {
    neverStored(reply);
    return certificateForm(await this.#certificates.issue(tenant, id, wish));
  }

  @Get()
  @Needs('read')
  @ApiOperation({ summary: 'Certificates of a device that have not ended, those that were revoked among them' })
  @ApiOkResponse({ standardSchema: issuedList })
  async list(@Tenant() tenant: string, @Param('id') id: string): Promise<z.infer<typeof issuedList>> {
    const items = (await this.#certificates.list(tenant, id)).map((one) => ({
      serialNumber: one.serial,
      authorityId: one.authorityId,
      issuedAt: one.issuedAt.toISOString(),
      notAfter: one.notAfter.toISOString(),
      revokedAt: one.revokedAt?.toISOString() ?? null,
    }));
    return { items, next: null };
  }

  @Delete(':serial')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revokes a certificate, also on connections that are open' })
  @ApiNoContentResponse()
  async revoke(
    @Tenant() tenant: string,
    @Param('id') id: string,
    @Param('serial') serial: string,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<void> {
    const position = await this.#certificates.revoke(tenant, id, serial);
    if (position !== undefined) reply.header(positionHeader, String(position));
  }
}
