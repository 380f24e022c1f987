import { MillraceError } from '@millrace/contracts';
import { ApiOkResponse, ApiOperation, ApiTags, Gone, Needs, Tenant } from '@millrace/platform/rest';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { deviceUid, latestAnswer, pointAnswer, pointOf, pointsAnswer, pointsQuery, signalName } from './answers.ts';
import { DeviceData } from './device-data.ts';
import { rangeOf } from './requested-range.ts';

const hourMicros = 3_600_000_000;

/** Values of a device's signals. */
@Controller('v1/devices/:uid')
@Needs('read')
@ApiTags('values')
export class PointsController {
  readonly #deviceData: DeviceData;

  constructor(deviceData: DeviceData) {
    this.#deviceData = deviceData;
  }

  @Get('latest')
  @ApiOperation({ summary: 'The latest value of every signal' })
  @ApiOkResponse({ standardSchema: latestAnswer })
  async latest(
    @Tenant() tenant: string,
    @Param('uid', { schema: deviceUid }) uid: string,
  ): Promise<z.infer<typeof latestAnswer>> {
    const points = await this.#deviceData.latest(tenant, uid);
    const signals = Object.fromEntries([...points].map(([signal, point]) => [signal, pointOf(point)]));
    return { device: uid, signals };
  }

  @Get('signals/:signal/latest')
  @ApiOperation({ summary: 'The latest value of one signal' })
  @ApiOkResponse({ standardSchema: pointAnswer })
  async latestOfSignal(
    @Tenant() tenant: string,
    @Param('uid', { schema: deviceUid }) uid: string,
    @Param('signal', { schema: signalName }) signal: string,
  ): Promise<z.infer<typeof pointAnswer>> {
    const point = (await this.#deviceData.latest(tenant, uid)).get(signal);
    if (!point) throw new MillraceError('not_found', `Device ${uid} has sent no ${signal}.`);
    return pointOf(point);
  }

  @Get('signals/:signal/points')
  @ApiOperation({ summary: 'Points of one signal over a range of time' })
  @ApiOkResponse({ standardSchema: pointsAnswer })
  async points(
    @Tenant() tenant: string,
    @Param('uid', { schema: deviceUid }) uid: string,
    @Param('signal', { schema: signalName }) signal: string,
    @Query({ schema: pointsQuery }) query: z.infer<typeof pointsQuery>,
    @Gone() gone: AbortSignal,
  ): Promise<z.infer<typeof pointsAnswer>> {
    const range = rangeOf(query, hourMicros, Date.now() * 1000);
    const found = await this.#deviceData.points(tenant, uid, signal, { ...range, limit: range.limit + 1 }, gone);
    return { points: found.slice(0, range.limit).map(pointOf), complete: found.length <= range.limit };
  }
}
