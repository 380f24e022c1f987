/** Keys and certificates of devices; a key is shown once, of a certificate only its hash is kept. */
import { generateKey, keyIdOf } from '@millrace/auth';
import { endTime } from '@millrace/config';
import { ApiCreatedResponse, ApiOperation, ApiTags, Needs, Tenant } from '@millrace/platform/rest';
import { Body, Controller, Post, Res } from '@nestjs/common';
import { z } from 'zod';
import { deviceUid } from '../../data/answers.ts';
import { type HeaderReply, neverStored, versionHeaders } from '../credentials/secret-reply.ts';
import { resourceAnswers } from './resource-answers.ts';
import { definitionOf } from './resource-definitions.ts';
import { Resources } from './resources.ts';

const definition = definitionOf('deviceCredentials');
/** One certificate with an RSA key of 8192 bits. */
const pemCharsMax = 16_384;

const common = { deviceUid, expiresAt: endTime.nullable().default(null) };

const credentialRequest = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...common, kind: z.literal('key') }),
    z.strictObject({
      ...common,
      kind: z.literal('certificate'),
      certificate: z.string().max(pemCharsMax).describe('PEM, with which the device shows itself.'),
    }),
  ])
  .meta({ id: 'DeviceCredentialRequest' });

const credentialAnswer = resourceAnswers(definition)
  .one.extend({ key: z.string().nullable().describe('The whole key, shown this once; null: it is a certificate.') })
  .meta({ id: 'NewDeviceCredential' });

@Controller('v1/device-credentials')
@Needs('admin')
@ApiTags('device-credentials')
export class DeviceCredentialsController {
  readonly #resources: Resources;

  constructor(resources: Resources) {
    this.#resources = resources;
  }

  @Post()
  @ApiOperation({ summary: 'Makes a key of a device, which is shown this once, or pins a certificate to it' })
  @ApiCreatedResponse({ standardSchema: credentialAnswer })
  async create(
    @Tenant() tenant: string,
    @Body({ schema: credentialRequest }) request: z.infer<typeof credentialRequest>,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<Readonly<Record<string, unknown>>> {
    const key = generateKey();
    const credentialId = keyIdOf(key)!;
    const secret = request.kind === 'key' ? { key } : {};
    const { resource } = await this.#resources.create(definition, tenant, { ...request, ...secret, credentialId });
    neverStored(versionHeaders(reply, resource)).header('location', `/v1/device-credentials/${resource.id}`);
    return { ...this.#resources.view(definition, resource), key: request.kind === 'key' ? key : null };
  }
}
