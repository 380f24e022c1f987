/** The routes of one kind of entity; all kinds are alike. */
import { entityBodySchema } from '@millrace/config';
import {
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  documented,
  etagOf,
  expectedRevision,
  idempotencyKey,
  idempotencyKeyOf,
  ifMatch,
  Needs,
  Tenant,
} from '@millrace/platform/rest';
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  Res,
  type Type,
} from '@nestjs/common';
import { z } from 'zod';
import type { ResourceDefinition } from './resource-definitions.ts';
import { changeQuerySchema, listQuerySchema, positionHeader } from './resource-request.ts';
import { resourceAnswers } from './resource-answers.ts';
import { type Changed, type ChangeOptions, Resources } from './resources.ts';

/** The part of a Fastify reply that is used here. */
interface Reply {
  header(name: string, value: string): Reply;
}

type View = Readonly<Record<string, unknown>>;

/** Lists, gives and deletes; creates and changes too, unless that is done by hand. */
export function resourceController(definition: ResourceDefinition): Type {
  const { path, singular, entity } = definition;
  const { one, page } = resourceAnswers(definition);
  const query = listQuerySchema(definition);
  const body = entityBodySchema(entity);
  const changeQuery = changeQuerySchema(definition);
  const DeleteUnlessByHand: MethodDecorator = definition.isDeletedByHand ? () => undefined : Delete(':id');

  @Controller(`v1/${path}`)
  @Needs(definition.read)
  @ApiTags(path)
  class ReadingController {
    protected readonly resources: Resources;

    constructor(resources: Resources) {
      this.resources = resources;
    }

    @Get()
    @ApiOperation({ summary: `Lists: ${path}, filtered and sorted, a page at a time` })
    @ApiOkResponse({ standardSchema: page })
    async list(@Tenant() tenant: string, @Query({ schema: query }) asked: z.infer<typeof query>): Promise<View> {
      const { search, sort, cursor, limit, ...rest } = asked as ListRequest;
      const filters = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Record<
        string,
        string
      >;
      const found = await this.resources.list(definition, tenant, { filters, search, sort, cursor, limit });
      return { items: found.items.map((item) => this.resources.view(definition, item)), next: found.next };
    }

    @Get(':id')
    @ApiOperation({ summary: `One ${singular}` })
    @ApiOkResponse({ standardSchema: one })
    async get(
      @Tenant() tenant: string,
      @Param('id') id: string,
      @Res({ passthrough: true }) reply: Reply,
    ): Promise<View> {
      const found = await this.resources.get(definition, tenant, id);
      reply.header('etag', etagOf(found));
      return this.resources.view(definition, found);
    }

    @DeleteUnlessByHand
    @HttpCode(204)
    @Needs(definition.write)
    @ApiOperation({ summary: `Deletes one ${singular}` })
    @ApiHeader(ifMatch)
    @ApiNoContentResponse()
    async remove(
      @Tenant() tenant: string,
      @Param('id') id: string,
      @Headers('if-match') expected: string | undefined,
      @Res({ passthrough: true }) reply: Reply,
    ): Promise<void> {
      const position = await this.resources.remove(definition, tenant, id, expectedRevision(expected));
      if (position !== undefined) reply.header(positionHeader, String(position));
    }
  }
  nameClass(ReadingController, entity, 'Reading');
  if (definition.isWrittenByHand) return ReadingController;

  @Controller(`v1/${path}`)
  @Needs(definition.read)
  @ApiTags(path)
  class WritingController extends ReadingController {
    constructor(resources: Resources) {
      super(resources);
    }

    @Post()
    @Needs(definition.write)
    @ApiOperation({ summary: `Creates one ${singular}` })
    @ApiHeader(idempotencyKey)
    @ApiCreatedResponse({ standardSchema: one })
    async create(
      @Tenant() tenant: string,
      @Body({ schema: documented(body) }) sent: unknown,
      @Headers('idempotency-key') key: string | undefined,
      @Query({ schema: changeQuery }) { override }: ChangeOptions,
      @Res({ passthrough: true }) reply: Reply,
    ): Promise<View> {
      const created = await this.resources.create(definition, tenant, sent, {
        idempotencyKey: idempotencyKeyOf(key),
        override,
      });
      reply.header('location', `/v1/${path}/${encodeURIComponent(created.resource.id)}`);
      return this.#answer(created, reply);
    }

    @Patch(':id')
    @Needs(definition.write)
    @ApiOperation({
      summary: `Changes one ${singular}`,
      description: 'JSON Merge Patch (RFC 7396); null sets a member to its default.',
    })
    @ApiHeader(ifMatch)
    @ApiOkResponse({ standardSchema: one })
    async patch(
      @Tenant() tenant: string,
      @Param('id') id: string,
      @Body({ schema: documented(body.partial()) }) patch: unknown,
      @Headers('if-match') expected: string | undefined,
      @Query({ schema: changeQuery }) options: ChangeOptions,
      @Res({ passthrough: true }) reply: Reply,
    ): Promise<View> {
      const revision = expectedRevision(expected);
      return this.#answer(await this.resources.patch(definition, tenant, id, patch, revision, options), reply);
    }

    #answer({ resource, position }: Changed, reply: Reply): View {
      reply.header('etag', etagOf(resource)).header(positionHeader, String(position ?? resource.revision));
      return this.resources.view(definition, resource);
    }
  }
  nameClass(WritingController, entity, 'Writing');
  return WritingController;
}

/** Names of operations in the OpenAPI document are made of it. */
function nameClass(controller: Type, entity: string, what: string): void {
  Object.defineProperty(controller, 'name', {
    value: `${entity[0]!.toUpperCase()}${entity.slice(1)}${what}Controller`,
  });
}

interface ListRequest {
  readonly search?: string;
  readonly sort: string;
  readonly cursor?: string;
  readonly limit: number;
  readonly [filter: string]: unknown;
}
