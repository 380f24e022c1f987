/** What devices say of themselves, told by whoever speaks for them: a key that may send as the tenant's devices. */
import { ApiOkResponse, ApiOperation, ApiTags, Needs, Tenant } from '@millrace/platform/rest';
import { Body, Controller, Param, Patch, Res } from '@nestjs/common';
import { z } from 'zod';
import { deviceUid } from '../../data/answers.ts';
import { definitionOf } from './resource-definitions.ts';
import { positionHeader } from './resource-request.ts';
import { Resources } from './resources.ts';

const definition = definitionOf('devices');

const reportRequest = z
  .record(z.string(), z.string().nullable())
  .meta({ id: 'DeviceReport', description: 'JSON Merge Patch (RFC 7396): null takes a member away.' });
const reportAnswer = z.strictObject({ reported: z.record(z.string(), z.string()) }).meta({ id: 'ReportedAttributes' });

/** The part of a Fastify reply that is used here. */
interface Reply {
  header(name: string, value: string): Reply;
}

@Controller('v1/devices/:uid/reported')
@Needs('ingest')
@ApiTags('devices')
export class DeviceReportsController {
  readonly #resources: Resources;

  constructor(resources: Resources) {
    this.#resources = resources;
  }

  @Patch()
  @ApiOperation({
    summary: 'Changes what a device says of itself',
    description:
      'For what changes rarely, such as its firmware: it is configuration, and scripts get it as variables.reported.',
  })
  @ApiOkResponse({ standardSchema: reportAnswer })
  async report(
    @Tenant() tenant: string,
    @Param('uid', { schema: deviceUid }) uid: string,
    @Body({ schema: reportRequest }) reported: z.infer<typeof reportRequest>,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<z.infer<typeof reportAnswer>> {
    const { resource, position } = await this.#resources.patch(definition, tenant, uid, { reported }, undefined);
    reply.header(positionHeader, String(position ?? resource.revision));
    return { reported: resource.body['reported'] as Record<string, string> };
  }
}
