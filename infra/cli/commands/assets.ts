/** Assets of a tenant: the tree of things and places where its devices are. */
import { defineNoun, defineVerb } from '../noun.ts';
import { type Entity, itemsUsual, membersOf, printEntity, printList } from '../resources.ts';
import { plainText } from '../table.ts';

const columns = ['assetId', 'name', 'kind', 'parentId'];

interface TreeItem extends Entity {
  readonly assetId: string;
  readonly name: string;
  readonly kind: string;
  readonly level: number;
}

interface TreePage {
  readonly items: readonly TreeItem[];
  readonly next: string | null;
}

/** What the api gives at a time. */
const pageItemsMax = 1_000;

export const assets = defineNoun('assets', 'Assets of a tenant, the tree where devices are', {
  list: defineVerb({
    summary: 'Lists assets',
    positionals: [],
    tenants: 'one',
    options: {
      parent: { kind: 'text', placeholder: 'ID', summary: 'that are a part of this one' },
      kind: { kind: 'text', placeholder: 'KIND', summary: 'of this kind' },
      search: { kind: 'text', placeholder: 'TEXT', summary: 'part of the id or of the name' },
      limit: { kind: 'count', placeholder: 'N', summary: `at most N (${itemsUsual})` },
    },
    async run({ options: { parent, kind, search, limit, json } }, { api, terminal, signal }) {
      const filters = { parentId: parent, kind, search };
      await printList(api, { path: 'assets', filters, limit, columns, json }, terminal, signal);
      return 0;
    },
  }),
  tree: defineVerb({
    summary: 'Shows an asset with everything below it',
    positionals: [{ name: 'id', required: true }],
    tenants: 'one',
    options: {},
    async run({ options: { json }, positionals: [id = ''] }, { api, terminal, signal }) {
      for (let next: string | null = ''; next !== null;) {
        const cursor: string = next === '' ? '' : `&cursor=${next}`;
        const page: TreePage = await api.get<TreePage>(`${pathOf(id)}/tree?limit=${pageItemsMax}${cursor}`, signal);
        for (const item of page.items) {
          const { assetId, name, kind, level } = item;
          const rest = [name, kind]
            .filter((text) => text !== '')
            .map(plainText)
            .join(', ');
          const line = `${'  '.repeat(level - 1)}${assetId}${rest === '' ? '' : `  ${terminal.styled('dim', rest)}`}`;
          terminal.line(json ? JSON.stringify(item) : line);
        }
        next = page.next;
      }
      return 0;
    },
  }),
  get: defineVerb({
    summary: 'Shows one asset',
    positionals: [{ name: 'id', required: true }],
    tenants: 'one',
    options: {},
    async run({ options: { json }, positionals: [id = ''] }, { api, terminal, signal }) {
      printEntity(await api.get<Entity>(pathOf(id), signal), json, terminal);
      return 0;
    },
  }),
  create: defineVerb({
    summary: 'Creates one asset: line-3 name="Line 3" kind=line parentId=hall-a',
    positionals: [
      { name: 'id', required: true },
      { name: 'member=value', required: false, repeated: true },
    ],
    tenants: 'one',
    options: {},
    async run({ options: { json }, positionals: [assetId = '', ...words] }, { api, terminal, signal }) {
      const asset = { ...membersOf(words), assetId };
      printEntity(await api.send<Entity>('POST', '/v1/assets', asset, signal), json, terminal);
      return 0;
    },
  }),
});

const pathOf = (id: string): string => `/v1/assets/${encodeURIComponent(id)}`;
