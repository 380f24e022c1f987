/** Products of a tenant. */
import { defineNoun, defineVerb } from '../noun.ts';
import { type Entity, itemsUsual, printEntity, printList } from '../resources.ts';

export const products = defineNoun('products', 'Products of a tenant', {
  list: defineVerb({
    summary: 'Lists products',
    positionals: [],
    tenants: 'one',
    options: {
      search: { kind: 'text', placeholder: 'TEXT', summary: 'part of the id or of the name' },
      limit: { kind: 'count', placeholder: 'N', summary: `at most N (${itemsUsual})` },
    },
    async run({ options: { search, limit, json } }, { api, terminal, signal }) {
      const columns = ['productId', 'name', 'scriptId'];
      await printList(api, { path: 'products', filters: { search }, limit, columns, json }, terminal, signal);
      return 0;
    },
  }),
  get: defineVerb({
    summary: 'Shows one product',
    positionals: [{ name: 'id', required: true }],
    tenants: 'one',
    options: {},
    async run({ options: { json }, positionals: [id = ''] }, { api, terminal, signal }) {
      printEntity(await api.get<Entity>(`/v1/products/${encodeURIComponent(id)}`, signal), json, terminal);
      return 0;
    },
  }),
});
