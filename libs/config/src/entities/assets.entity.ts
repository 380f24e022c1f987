/** Assets: the tree of things and places that people think in, such as factory, line, machine. Devices name those where they are. */
import { type AssetConfig, topics } from '@millrace/contracts';
import { z } from 'zod';
import { defineEntity } from '../entity.ts';
import { boundedTexts, identifier, label, tenant } from '../entity-fields.ts';

const file = z.strictObject({
  tenant,
  assetId: identifier,
  parentId: identifier.nullable().default(null).describe('The asset that it is a part of.'),
  name: label.default(''),
  kind: label.default('').describe('What it is, in words of your own.'),
  attributes: boundedTexts,
});

export const assets = defineEntity<AssetConfig>()({
  topic: topics.configAssets,
  id: 'assetId',
  singular: 'asset',
  file,
  publish: (it) => it,
  references: { assets: ({ parentId }) => [['parentId', parentId]] },
  filters: { parentId: 'parent_id', kind: 'kind' },
  sorts: { name: 'name' },
  searched: ['name'],
  referredToBy: [{ entity: 'devices', path: '$.assetIds[*]' }],
});
