/** The door for devices that register themselves, and what people decide about those that wait. */
import { parseAuthorization } from '@millrace/auth';
import { keyIdOf } from '@millrace/auth';
import type { Emitter } from '@millrace/observe';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiDefaultResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  Needs,
  problemAnswer,
  Public,
  Tenant,
} from '@millrace/platform/rest';
import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Ip, Param, Post, Query, Res } from '@nestjs/common';
import { z } from 'zod';
import { type apiEvents, EVENTS } from '../../api-events.ts';
import { PendingRegistrations } from './pending-registrations.ts';
import {
  enrolledAnswer,
  enrolledForm,
  pendingAnswer,
  registrationAnswer,
  registrationForm,
  registrationPage,
  registrationRequest,
} from './registration-answers.ts';
import { Registrations } from './registrations.ts';
import { RequestGate } from './request-gate.ts';
import { pageQuery } from './row-pages.ts';

/** The part of a Fastify reply that is used here. */
interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: object): void;
}

@Controller('v1/registrations')
@Public('A device comes with the secret of its product, which is no key of a program.')
@ApiTags('registrations')
export class RegisterController {
  readonly #registrations: Registrations;
  readonly #gate: RequestGate;
  readonly #events: Emitter<typeof apiEvents>;

  constructor(registrations: Registrations, gate: RequestGate, @Inject(EVENTS) events: Emitter<typeof apiEvents>) {
    this.#registrations = registrations;
    this.#gate = gate;
    this.#events = events;
  }

  @Post()
  @ApiOperation({
    summary: 'Registers the device that asks, by the secret of its product as a Bearer key',
    description: 'The same device asks again with the same claim: while it waits, and when an answer was lost.',
  })
  @ApiBearerAuth()
  @ApiCreatedResponse({
    standardSchema: enrolledAnswer,
    description: 'The device, and its credential, shown this once.',
  })
  @ApiAcceptedResponse({
    standardSchema: pendingAnswer,
    description: 'It waits for approval; Retry-After says when to ask again.',
  })
  @ApiDefaultResponse({ standardSchema: problemAnswer, description: 'RFC 9457 problem details.' })
  async register(
    @Headers('authorization') authorization: string | undefined,
    @Body({ schema: registrationRequest }) request: z.infer<typeof registrationRequest>,
    @Ip() remote: string,
    @Res() reply: Reply,
  ): Promise<void> {
    const credential = parseAuthorization(authorization);
    const shown = credential?.kind === 'bearer' ? credential.token : '';
    const outcome = await this.#gate
      .pass(remote, keyIdOf(shown) ?? '', () => this.#registrations.register(shown, request))
      .catch((error: unknown) => {
        this.#events.registrationRefused({ error });
        throw error;
      });
    reply.header('cache-control', 'no-store');
    if (outcome.kind === 'enrolled') {
      this.#events.deviceRegistered({ tenant: outcome.tenant, device: outcome.deviceUid });
      return reply.status(201).send(enrolledForm(outcome));
    }
    const { retryAfterSeconds } = outcome;
    reply.header('retry-after', String(retryAfterSeconds)).status(202);
    return reply.send({ deviceUid: request.deviceUid, state: 'pending', retryAfterSeconds });
  }
}

const listQuery = z.strictObject({
  state: registrationAnswer.shape.state.optional(),
  secretId: z.string().max(64).optional(),
  productId: z.string().max(64).optional(),
  ...pageQuery,
});

@Controller('v1/registrations')
@Needs('admin')
@ApiTags('registrations')
export class RegistrationsController {
  readonly #pending: PendingRegistrations;

  constructor(pending: PendingRegistrations) {
    this.#pending = pending;
  }

  @Get()
  @Needs('read')
  @ApiOperation({ summary: 'Devices that registered themselves, a page at a time' })
  @ApiOkResponse({ standardSchema: registrationPage })
  async list(
    @Tenant() tenant: string,
    @Query({ schema: listQuery }) { cursor, limit, ...filters }: z.infer<typeof listQuery>,
  ): Promise<z.infer<typeof registrationPage>> {
    const { items, next } = await this.#pending.list(tenant, { cursor, limit, filters });
    return { items: items.map(registrationForm), next };
  }

  @Get(':id')
  @Needs('read')
  @ApiOperation({ summary: 'What became of one registration' })
  @ApiOkResponse({ standardSchema: registrationAnswer })
  async get(@Tenant() tenant: string, @Param('id') id: string): Promise<z.infer<typeof registrationAnswer>> {
    return registrationForm(await this.#pending.get(tenant, id));
  }

  @Post(':id/approve')
  @HttpCode(200)
  @ApiOperation({ summary: 'Lets a device in: it gets its credential when it asks the next time' })
  @ApiOkResponse({ standardSchema: registrationAnswer })
  async approve(@Tenant() tenant: string, @Param('id') id: string): Promise<z.infer<typeof registrationAnswer>> {
    return registrationForm(await this.#pending.decide(tenant, id, 'approved'));
  }

  @Post(':id/refuse')
  @HttpCode(200)
  @ApiOperation({ summary: 'Keeps a device out' })
  @ApiOkResponse({ standardSchema: registrationAnswer })
  async refuse(@Tenant() tenant: string, @Param('id') id: string): Promise<z.infer<typeof registrationAnswer>> {
    return registrationForm(await this.#pending.decide(tenant, id, 'refused'));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Forgets a registration: the uid may be registered anew, unless it is a device' })
  @ApiNoContentResponse()
  async remove(@Tenant() tenant: string, @Param('id') id: string): Promise<void> {
    await this.#pending.remove(tenant, id);
  }
}
