import { MillraceError } from '@millrace/contracts';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags, Gone, Needs, Tenant } from '@millrace/platform/rest';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { z } from 'zod';
import { deviceUids, requestTime, signalNames } from './answers.ts';
import { type ExportFormat, exportFormats, PointExports } from './point-exports.ts';
import { timeSpanOf } from './requested-range.ts';
import type { StreamReply } from '../http/stream-reply.ts';

const dayMicros = 86_400_000_000;
/** Each day is at least one question to the store. */
const daysMax = 366;

const formats = Object.keys(exportFormats) as [ExportFormat, ...ExportFormat[]];

const exportQuery = z.strictObject({
  format: z.enum(formats).default('csv'),
  from: requestTime.describe('Inclusive, ISO 8601.'),
  to: requestTime.optional().describe(`Exclusive, ISO 8601; default: now. At most ${daysMax} days after \`from\`.`),
  devices: deviceUids.optional().describe('Uids of devices, separated by commas; each has to exist. Default: all.'),
  signal: signalNames.default([]),
});

/** Points as a file. */
@Controller('v1/points/export')
@Needs('read')
@ApiTags('values')
export class ExportController {
  readonly #exports: PointExports;

  constructor(exports: PointExports) {
    this.#exports = exports;
  }

  @Get()
  @ApiOperation({
    summary: 'All points of a range of time as CSV or Parquet',
    description:
      'Columns: time, device, signal, value, text, boolean, quality, received_at; rows in order of time, device and signal. The connection breaks when the file cannot be completed: an answer that ends properly is complete.',
  })
  @ApiProduces(...Object.values(exportFormats).map(({ mediaType }) => mediaType.replace(/;.*/, '')))
  @ApiOkResponse({ standardSchema: z.string().meta({ format: 'binary' }), description: 'The file, as a stream.' })
  async export(
    @Tenant() tenant: string,
    @Query({ schema: exportQuery }) { format, from, to, devices, signal }: z.infer<typeof exportQuery>,
    @Gone() gone: AbortSignal,
    @Res() reply: StreamReply,
  ): Promise<void> {
    const span = timeSpanOf({ from, to }, dayMicros, Date.now() * 1_000);
    if (span.toMicros - span.fromMicros > daysMax * dayMicros) throw tooLong();
    const wanted = { ...span, devices: [...new Set(devices)], signals: [...new Set(signal)] };
    const { name, mediaType, body } = await this.#exports.begin(tenant, format, wanted, gone);
    reply
      .headers({
        'content-type': mediaType,
        'content-disposition': `attachment; filename="${name}"`,
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      .send(body);
  }
}

function tooLong(): MillraceError {
  const detail = `Must be at most ${daysMax} days before the end of the range.`;
  return new MillraceError('invalid_field', `from: ${detail}`, {
    errors: [{ field: 'from', code: 'too_small', detail }],
  });
}
