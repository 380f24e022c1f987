import { Readable } from 'node:stream';
import { asMillraceError, type MillraceError } from '@millrace/contracts';
import {
  Access,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
  Gone,
  Needs,
  requireScope,
  Tenant,
} from '@millrace/platform/rest';
import { Controller, Get, Headers as RequestHeaders, Query, Res } from '@nestjs/common';
import { z } from 'zod';
import { deviceUids, signalNames } from './answers.ts';
import { DeviceData } from './device-data.ts';
import { liveEvent } from './live/event-forms.ts';
import { LiveFeed } from './live/live-feed.ts';
import { type LiveFilter, liveKinds } from './live/live-filter.ts';
import { severity } from './overview-answers.ts';
import { eventStreamHeaders, type StreamReply } from '../http/stream-reply.ts';

type Headers = Parameters<Access['callerOf']>[0]['headers'];

const listOf = <T extends string>(names: z.ZodType<T, string>, max: number) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(names).min(1).max(max));

const liveQuery = z.strictObject({
  kinds: listOf(z.enum(liveKinds), liveKinds.length)
    .default([...liveKinds])
    .describe('points, alarms or both, separated by a comma.'),
  devices: deviceUids.optional().describe('Uids of devices, separated by commas; each has to exist. Default: all.'),
  signal: signalNames.optional(),
  severities: listOf(severity, severity.options.length)
    .optional()
    .describe('Alarms that reach or leave one of these, separated by commas. Default: all.'),
});

/** What happens, as it happens. */
@Controller('v1/live')
@Needs('read')
@ApiTags('values')
export class LiveController {
  readonly #feed: LiveFeed;
  readonly #access: Access;
  readonly #deviceData: DeviceData;

  constructor(feed: LiveFeed, access: Access, deviceData: DeviceData) {
    this.#feed = feed;
    this.#access = access;
    this.#deviceData = deviceData;
  }

  @Get()
  @ApiOperation({
    summary: 'Points and alarms of the tenant as they are written, as server-sent events',
    description:
      'Events: `started`, then `points` and `alarm`, `missed` where there is a gap, and `ended` when the server ends the stream. Nothing is replayed: after `missed` ask /v1/points/query for its time.',
  })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'The last id you got: the gap since is told.' })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ standardSchema: liveEvent, description: 'The data of each event.' })
  async live(
    @Tenant() tenant: string,
    @Query({ schema: liveQuery }) query: z.infer<typeof liveQuery>,
    @RequestHeaders() headers: Headers,
    @RequestHeaders('last-event-id') lastEventId: string | undefined,
    @Gone() gone: AbortSignal,
    @Res() reply: StreamReply,
  ): Promise<void> {
    this.#deviceData.requireDevices(tenant, query.devices ?? []);
    const request = { tenant, filter: filterOf(query), lastEventId, refusal: () => this.#refusal(headers) };
    const pieces = await this.#feed.open(request, () => reply.raw.destroy(), gone);
    reply.headers(eventStreamHeaders).send(Readable.from(pieces, { objectMode: false }));
  }

  /** A key may expire or be deleted while its stream is open. */
  #refusal(headers: Headers): MillraceError | undefined {
    try {
      requireScope(this.#access.callerOf({ headers }).key, 'read');
      return undefined;
    } catch (error) {
      return asMillraceError(error);
    }
  }
}

function filterOf({ kinds, devices, signal, severities }: z.infer<typeof liveQuery>): LiveFilter {
  return {
    kinds: new Set(kinds),
    devices: devices && new Set(devices),
    signals: signal && new Set(signal),
    severities: severities && new Set(severities),
  };
}
