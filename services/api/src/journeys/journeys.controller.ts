import { Readable } from 'node:stream';
import { microsOfIsoTime, type ReceivedMessage } from '@millrace/contracts';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags, Gone, Needs, Tenant } from '@millrace/platform/rest';
import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import type { z } from 'zod';
import { deviceUid } from '../data/answers.ts';
import { journeyRequest, type JourneyStep, journeyStep } from './journey-answers.ts';
import { Journeys } from './journeys.ts';
import { eventStreamHeaders, eventText, type StreamReply } from '../http/stream-reply.ts';

/** Messages that a person sends as a device of the tenant. */
@Controller('v1/devices/:uid/journeys')
@Needs('read', 'ingest')
@ApiTags('messages')
export class JourneysController {
  readonly #journeys: Journeys;

  constructor(journeys: Journeys) {
    this.#journeys = journeys;
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Sends a message as the device and reports its way through the platform',
    description:
      'The key needs the scope ingest too. The answer begins when Kafka has the message and is a stream of server-sent events, each named after its `step`; the last one is `ended`, after 30 s at most.',
  })
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ standardSchema: journeyStep, description: 'The data of each event.' })
  async begin(
    @Tenant() tenant: string,
    @Param('uid', { schema: deviceUid }) uid: string,
    @Body({ schema: journeyRequest }) body: z.infer<typeof journeyRequest>,
    @Gone() gone: AbortSignal,
    @Res() reply: StreamReply,
  ): Promise<void> {
    const steps = await this.#journeys.begin(messageOf(tenant, uid, body), gone);
    reply.headers(eventStreamHeaders).send(Readable.from(eventsOf(steps)));
  }
}

function messageOf(tenant: string, uid: string, body: z.infer<typeof journeyRequest>): ReceivedMessage {
  const { payload, json, contentType, attributes } = body;
  const usualType = payload === undefined ? 'application/json' : 'application/octet-stream';
  return {
    tenant,
    deviceUid: uid,
    identificationCode: null,
    senderId: null,
    timeMicros: (body.time === undefined ? undefined : microsOfIsoTime(body.time)) ?? null,
    repeated: false,
    contentType: contentType ?? usualType,
    attributes,
    payload: payload === undefined ? Buffer.from(JSON.stringify(json)) : Buffer.from(payload, 'base64'),
  };
}

async function* eventsOf(steps: AsyncIterable<JourneyStep>): AsyncGenerator<string> {
  for await (const step of steps) yield eventText(step.step, step);
}
