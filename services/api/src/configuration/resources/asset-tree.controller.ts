/** Assets as the tree that they are. */
import { MillraceError } from '@millrace/contracts';
import { ResourceTree } from '@millrace/control';
import { ApiOkResponse, ApiOperation, ApiTags, Needs, Tenant } from '@millrace/platform/rest';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import { resourceAnswers } from './resource-answers.ts';
import { definitionOf } from './resource-definitions.ts';
import { readPathCursor, writePathCursor } from './path-cursor.ts';
import { Resources } from './resources.ts';

const definition = definitionOf('assets');
const { one: assetAnswer } = resourceAnswers(definition);

const cursorCharsMax = 2_048;

const treeQuery = z.strictObject({
  cursor: z.string().max(cursorCharsMax).optional().describe('`next` of the page before.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

const treeAnswer = z
  .strictObject({
    items: z
      .array(
        assetAnswer.extend({ level: z.int().describe('1: the asset that was asked for.') }).meta({ id: 'AssetInTree' }),
      )
      .describe('Each asset before those that are a part of it.'),
    next: z.string().nullable().describe('Cursor of the next page; null: this is the last.'),
  })
  .meta({ id: 'AssetTreePage' });
const pathAnswer = z
  .strictObject({ items: z.array(assetAnswer).describe('From the top of the tree down to the asset.') })
  .meta({ id: 'AssetPath' });

type View = Readonly<Record<string, unknown>>;

@Controller('v1/assets/:id')
@Needs('read')
@ApiTags('assets')
export class AssetTreeController {
  readonly #resources: Resources;

  constructor(resources: Resources) {
    this.#resources = resources;
  }

  @Get('tree')
  @ApiOperation({ summary: 'An asset with everything below it, a page at a time' })
  @ApiOkResponse({ standardSchema: treeAnswer })
  async tree(
    @Tenant() tenant: string,
    @Param('id') id: string,
    @Query({ schema: treeQuery }) { cursor, limit }: z.infer<typeof treeQuery>,
  ): Promise<View> {
    const behind = cursor === undefined ? [] : readPathCursor(cursor);
    const found = await this.#resources.within(tenant, (transaction) =>
      new ResourceTree(transaction, tenant, definition.name).below(id, behind, limit + 1),
    );
    if (found.length === 0 && cursor === undefined) absent(id);
    const items = found.slice(0, limit);
    return {
      items: items.map(({ resource, path }) => ({
        ...this.#resources.view(definition, resource),
        level: path.length,
      })),
      next: found.length > limit ? writePathCursor(items.at(-1)!.path) : null,
    };
  }

  @Get('path')
  @ApiOperation({ summary: 'The assets that an asset is a part of, and itself' })
  @ApiOkResponse({ standardSchema: pathAnswer })
  async path(@Tenant() tenant: string, @Param('id') id: string): Promise<View> {
    const found = await this.#resources.within(tenant, (transaction) =>
      new ResourceTree(transaction, tenant, definition.name).above(id),
    );
    if (found.length === 0) absent(id);
    return { items: found.map((resource) => this.#resources.view(definition, resource)) };
  }
}

function absent(id: string): never {
  throw new MillraceError('not_found', `There is no asset ${id}.`);
}
