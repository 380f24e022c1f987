import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { MillraceError } from '@millrace/contracts';
import {
  ApiBody,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
  Needs,
  Tenant,
} from '@millrace/platform/rest';
import { Controller, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { begunStream } from '../../http/begun-stream.ts';
import { csvRows } from './csv-rows.ts';
import { DeviceImport } from './device-import.ts';
import { importLine, type ImportLine, type ImportQuery, importQuery } from './import-answers.ts';
import { boundedBytes, type ImportRow } from './import-rows.ts';
import { ndjsonRows } from './ndjson-rows.ts';

/** The parts of a Fastify request and its reply that are used here. */
interface Request {
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Of the media types below: as it arrives. */
  readonly body: unknown;
}

interface Reply {
  readonly raw: ServerResponse;
  headers(values: Readonly<Record<string, string>>): Reply;
  send(body: Readable): void;
}

const readers: Readonly<Record<string, (bytes: AsyncIterable<Buffer>) => AsyncIterable<ImportRow>>> = {
  'text/csv': csvRows,
  'application/x-ndjson': ndjsonRows,
};

export const importTypes = Object.keys(readers);

/** No proxy may hold the lines back. */
const streamHeaders = {
  'content-type': 'application/x-ndjson; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};

/** Many devices at once, from a file. */
@Controller('v1/devices/import')
@Needs('write')
@ApiTags('devices')
export class DeviceImportController {
  readonly #import: DeviceImport;

  constructor(deviceImport: DeviceImport) {
    this.#import = deviceImport;
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Creates and changes devices from a file',
    description:
      'CSV in UTF-8 whose header names deviceUid, productId, name, identificationCode, state, gatewayUid, tags and assetIds (with blanks between), attributes.<name>, desired.<name>, reported.<name> and password; an empty cell says nothing. ' +
      'Or one device as in POST /v1/devices a line. Wrong rows are left out and told; the others are written, a thousand in a transaction. ' +
      'The answer is a line for each of these, and a last one with `done` or with the `problem` that ended it.',
  })
  @ApiConsumes(...importTypes)
  @ApiBody({ schema: { type: 'string' } })
  @ApiProduces('application/x-ndjson')
  @ApiOkResponse({ standardSchema: importLine, description: 'Each line.' })
  async import(
    @Tenant() tenant: string,
    @Query({ schema: importQuery }) query: ImportQuery,
    @Req() request: Request,
    @Res() reply: Reply,
  ): Promise<void> {
    const lines = this.#import.run(tenant, this.#rowsOf(request), query);
    const stream = await begunStream(textOf(lines), reply.raw);
    reply.headers(streamHeaders).send(stream);
  }

  #rowsOf({ headers, body }: Request): AsyncIterable<ImportRow> {
    const [type = ''] = (headers['content-type'] ?? '').split(';');
    const reader = readers[type.trim().toLowerCase()];
    if (!reader || !(body instanceof Readable))
      throw new MillraceError('unsupported_media_type', `Send the file as ${importTypes.join(' or ')}.`);
    return reader(boundedBytes(body, this.#import.stopping));
  }
}

async function* textOf(lines: AsyncIterable<ImportLine>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}
