/** Connections and the instances that have them: asked of the client managers, whose answers they are. */
import {
  connectionAnswer,
  connectionBody,
  connectionPage,
  connectionPatch,
  connectionQuery,
  instanceList,
  moveRequest,
} from '@millrace/config';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  type Caller,
  documented,
  type ForwardedRequest,
  type ForwardingReply,
  idempotencyKey,
  ifMatch,
  Needs,
  relay,
} from '@millrace/platform/rest';
import { Body, Controller, Delete, Get, Param, Patch, Post, Put, Query, Req, Res } from '@nestjs/common';
import { ClientManagers } from './client-managers.ts';

interface Request extends ForwardedRequest {
  /** Its key is checked. */
  readonly caller: Caller;
}

type Answer = Promise<string | undefined>;

@Controller('v1/connections')
@Needs('read')
@ApiTags('connections')
export class ConnectionsController {
  readonly #managers: ClientManagers;

  constructor(managers: ClientManagers) {
    this.#managers = managers;
  }

  @Get()
  @ApiOperation({ summary: 'Lists connections with how they are doing, a page at a time' })
  @ApiOkResponse({ standardSchema: connectionPage })
  list(
    @Query({ schema: connectionQuery }) _: object,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: ForwardingReply,
  ): Answer {
    return this.#ask(request, reply, true);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One connection with how it is doing' })
  @ApiOkResponse({ standardSchema: connectionAnswer })
  get(@Param('id') _: string, @Req() request: Request, @Res({ passthrough: true }) reply: ForwardingReply): Answer {
    return this.#ask(request, reply, true);
  }

  /** The same again gives the same answer, so it may be asked of the next one too. */
  @Post()
  @Needs('write')
  @ApiOperation({
    summary: 'Creates one connection',
    description:
      'The same again gives the same answer. Without room on any instance it is kept, and answered as capacity_exhausted.',
  })
  @ApiHeader(idempotencyKey)
  @ApiCreatedResponse({ standardSchema: connectionAnswer })
  create(
    @Body({ schema: documented(connectionBody) }) _: unknown,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: ForwardingReply,
  ): Answer {
    return this.#ask(request, reply, true);
  }

  @Put(':id')
  @Needs('write')
  @ApiOperation({
    summary: 'Puts one connection in the place of what there is, or creates it',
    description: 'Secrets that are not named stay as they are; null takes them away.',
  })
  @ApiHeader(ifMatch)
  @ApiOkResponse({ standardSchema: connectionAnswer })
  @ApiCreatedResponse({ standardSchema: connectionAnswer })
  replace(
    @Param('id') _: string,
    @Body({ schema: documented(connectionBody) }) _body: unknown,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: ForwardingReply,
  ): Answer {
    return this.#ask(request, reply, false);
  }

  @Patch(':id')
  @Needs('write')
  @ApiOperation({
    summary: 'Changes one connection',
    description: 'JSON Merge Patch (RFC 7396); null sets a member to its default.',
  })
  @ApiHeader(ifMatch)
  @ApiOkResponse({ standardSchema: connectionAnswer })
  patch(
    @Param('id') _: string,
    @Body({ schema: documented(connectionPatch) }) _patch: unknown,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: ForwardingReply,
  ): Answer {
    return this.#ask(request, reply, false);
  }

  @Delete(':id')
  @Needs('write')
  @ApiOperation({ summary: 'Deletes one connection' })
  @ApiHeader(ifMatch)
  @ApiNoContentResponse()
  remove(@Param('id') _: string, @Req() request: Request, @Res({ passthrough: true }) reply: ForwardingReply): Answer {
    return this.#ask(request, reply, false);
  }

  @Post(':id/move')
  @Needs('write')
  @ApiOperation({
    summary: 'Lets another instance have one connection',
    description: 'It is closed here first, then opened there.',
  })
  @ApiAcceptedResponse({ standardSchema: connectionAnswer })
  move(
    @Param('id') _: string,
    @Body({ schema: moveRequest }) _move: object,
    @Req() request: Request,
    @Res({ passthrough: true }) reply: ForwardingReply,
  ): Answer {
    return this.#ask(request, reply, true);
  }

  async #ask(request: Request, reply: ForwardingReply, isRepeatable: boolean): Answer {
    return relay(await this.#managers.ask(request.caller, request, isRepeatable), reply);
  }
}

@Controller('v1/instances')
@Needs('platform')
@ApiTags('connections')
export class InstancesController {
  readonly #managers: ClientManagers;

  constructor(managers: ClientManagers) {
    this.#managers = managers;
  }

  @Get()
  @ApiOperation({ summary: 'The instances of the client manager that are alive' })
  @ApiOkResponse({ standardSchema: instanceList })
  list(@Req() request: Request, @Res({ passthrough: true }) reply: ForwardingReply): Answer {
    return this.#ask(request, reply);
  }

  @Post(':id/drain')
  @ApiOperation({
    summary: 'Lets an instance give its connections to the others',
    description: 'It takes none until the end of the drain; what nobody has room for stays with it.',
  })
  @ApiNoContentResponse()
  drain(@Param('id') _: string, @Req() request: Request, @Res({ passthrough: true }) reply: ForwardingReply): Answer {
    return this.#ask(request, reply);
  }

  @Delete(':id/drain')
  @ApiOperation({ summary: 'Lets an instance take connections again' })
  @ApiNoContentResponse()
  undrain(@Param('id') _: string, @Req() request: Request, @Res({ passthrough: true }) reply: ForwardingReply): Answer {
    return this.#ask(request, reply);
  }

  /** Each of them twice is the same as once. */
  async #ask(request: Request, reply: ForwardingReply): Answer {
    return relay(await this.#managers.ask(request.caller, request, true), reply);
  }
}
