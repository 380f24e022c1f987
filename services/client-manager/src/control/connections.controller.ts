/** Connections over HTTP, the same on every instance. */
import {
  connectionAnswer,
  connectionBody,
  connectionPage,
  connectionPatch,
  type ConnectionQuery,
  connectionQuery,
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
  CallerOf,
  documented,
  etagOf,
  expectedRevision,
  idempotencyKey,
  idempotencyKeyOf,
  ifMatch,
  Needs,
  requireScope,
  Tenant,
} from '@millrace/platform/rest';
import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import type { z } from 'zod';
import { pageOf } from './connection-pages.ts';
import type { StoredConnection } from './connection-store.ts';
import { type ConnectionView, ConnectionViews } from './connection-views.ts';
import { Connections } from './connections.ts';
import { DoneBy, offsetHeader } from './forwarding.interceptor.ts';

/** The part of a Fastify reply that is used here. */
interface Reply {
  header(name: string, value: string): Reply;
  status(code: number): Reply;
}

@Controller('v1/connections')
@Needs('read')
@ApiTags('connections')
export class ConnectionsController {
  readonly #connections: Connections;
  readonly #views: ConnectionViews;

  constructor(connections: Connections, views: ConnectionViews) {
    this.#connections = connections;
    this.#views = views;
  }

  @Get()
  @ApiOperation({ summary: 'Lists connections with how they are doing, a page at a time' })
  @ApiOkResponse({ standardSchema: connectionPage })
  list(
    @CallerOf() caller: Caller,
    @Query({ schema: connectionQuery }) query: ConnectionQuery,
  ): Promise<z.infer<typeof connectionPage>> {
    if (query.all) requireScope(caller.key, 'platform');
    const stored = this.#connections.list(query.all ? null : caller.tenant);
    return pageOf(stored, query, this.#views) as Promise<z.infer<typeof connectionPage>>;
  }

  @Get(':connectionId')
  @ApiOperation({ summary: 'One connection with how it is doing' })
  @ApiOkResponse({ standardSchema: connectionAnswer })
  get(
    @Tenant() tenant: string,
    @Param('connectionId') id: string,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<ConnectionView> {
    return this.#answer(this.#connections.get(tenant, id), reply);
  }

  @Post()
  @Needs('write')
  @DoneBy('least loaded')
  @ApiOperation({
    summary: 'Creates one connection',
    description:
      'The same again gives the same answer. Without room on any instance it is kept, and answered as capacity_exhausted.',
  })
  @ApiHeader(idempotencyKey)
  @ApiCreatedResponse({ standardSchema: connectionAnswer })
  async create(
    @Tenant() tenant: string,
    @Body({ schema: documented(connectionBody) }) body: unknown,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<ConnectionView> {
    const created = await this.#connections.create(tenant, body, idempotencyKeyOf(key));
    return this.#written(created, reply.header('location', pathOf(created)));
  }

  @Put(':connectionId')
  @Needs('write')
  @DoneBy('owner')
  @ApiOperation({
    summary: 'Puts one connection in the place of what there is, or creates it',
    description: 'Secrets that are not named stay as they are; null takes them away.',
  })
  @ApiHeader(ifMatch)
  @ApiOkResponse({ standardSchema: connectionAnswer })
  @ApiCreatedResponse({ standardSchema: connectionAnswer })
  async replace(
    @Tenant() tenant: string,
    @Param('connectionId') id: string,
    @Body({ schema: documented(connectionBody) }) body: unknown,
    @Headers('if-match') expected: string | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<ConnectionView> {
    const written = await this.#connections.replace(tenant, id, body, expectedRevision(expected));
    return this.#written(written, written.isNew ? reply.status(201) : reply);
  }

  @Patch(':connectionId')
  @Needs('write')
  @DoneBy('owner')
  @ApiOperation({
    summary: 'Changes one connection',
    description: 'JSON Merge Patch (RFC 7396); null sets a member to its default.',
  })
  @ApiHeader(ifMatch)
  @ApiOkResponse({ standardSchema: connectionAnswer })
  async patch(
    @Tenant() tenant: string,
    @Param('connectionId') id: string,
    @Body({ schema: documented(connectionPatch) }) patch: unknown,
    @Headers('if-match') expected: string | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<ConnectionView> {
    return this.#written(await this.#connections.patch(tenant, id, patch, expectedRevision(expected)), reply);
  }

  @Delete(':connectionId')
  @HttpCode(204)
  @Needs('write')
  @DoneBy('owner')
  @ApiOperation({ summary: 'Deletes one connection' })
  @ApiHeader(ifMatch)
  @ApiNoContentResponse()
  async remove(
    @Tenant() tenant: string,
    @Param('connectionId') id: string,
    @Headers('if-match') expected: string | undefined,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<void> {
    const offset = await this.#connections.remove(tenant, id, expectedRevision(expected));
    reply.header(offsetHeader, String(offset));
  }

  @Post(':connectionId/move')
  @HttpCode(202)
  @Needs('write')
  @DoneBy('owner')
  @ApiOperation({
    summary: 'Lets another instance have one connection',
    description: 'It is closed here first, then opened there.',
  })
  @ApiAcceptedResponse({ standardSchema: connectionAnswer })
  async move(
    @Tenant() tenant: string,
    @Param('connectionId') id: string,
    @Body({ schema: moveRequest }) { instance }: z.infer<typeof moveRequest>,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<ConnectionView> {
    return this.#answer(await this.#connections.move(tenant, id, instance), reply);
  }

  #written(written: StoredConnection, reply: Reply): Promise<ConnectionView> {
    return this.#answer(written, reply.header(offsetHeader, String(written.revision)));
  }

  async #answer(stored: StoredConnection, reply: Reply): Promise<ConnectionView> {
    reply.header('etag', etagOf(stored));
    const [view] = await this.#views.of([stored]);
    return view!;
  }
}

const pathOf = ({ config }: StoredConnection): string => `/v1/connections/${encodeURIComponent(config.connectionId)}`;
