import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiDefaultResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { deviceOf, devicesAnswer, devicesQuery, problemAnswer } from './answers.ts';
import { DeviceDirectory } from './device-directory.ts';
import { Tenant, TenantGuard } from './tenant.ts';

/** Devices of the caller's tenant. */
@Controller('v1/devices')
@UseGuards(TenantGuard)
@ApiBearerAuth()
@ApiDefaultResponse({ standardSchema: problemAnswer, description: 'RFC 9457 problem details.' })
@ApiTags('devices')
export class DevicesController {
  readonly #directory: DeviceDirectory;

  constructor(directory: DeviceDirectory) {
    this.#directory = directory;
  }

  @Get()
  @ApiOperation({ summary: 'Devices in the order of their uids, a page at a time' })
  @ApiOkResponse({ standardSchema: devicesAnswer })
  list(
    @Tenant() tenant: string,
    @Query({ schema: devicesQuery }) query: z.infer<typeof devicesQuery>,
  ): z.infer<typeof devicesAnswer> {
    const { devices, after } = this.#directory.page(tenant, query.after ?? null, query.limit);
    return { devices: devices.map(deviceOf), after };
  }
}
