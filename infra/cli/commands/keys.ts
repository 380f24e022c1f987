/** Keys of programs. */
import { UserError } from '../../stack/user-error.ts';
import { defineNoun, defineVerb } from '../noun.ts';
import { type Entity, itemsUsual, printEntity, printList } from '../resources.ts';
import { keptSecret, outOption } from '../shown-secret.ts';

const hourSeconds = 3_600;

interface ShownKey extends Entity {
  readonly key: string;
}

export const keys = defineNoun('keys', 'Keys of programs', {
  list: defineVerb({
    summary: 'Lists keys',
    positionals: [],
    tenants: 'one',
    options: { limit: { kind: 'count', placeholder: 'N', summary: `at most N (${itemsUsual})` } },
    async run({ options: { limit, json } }, { api, terminal, signal }) {
      const columns = ['keyId', 'scopes', 'expiresAt', 'previousUntil', 'createdAt'];
      await printList(api, { path: 'api-keys', filters: {}, limit, columns, json }, terminal, signal);
      return 0;
    },
  }),
  create: defineVerb({
    summary: 'Makes a key with scopes: keys create read write',
    positionals: [{ name: 'scope', required: true, repeated: true }],
    tenants: 'one',
    options: {
      out: outOption,
      expires: { kind: 'text', placeholder: 'TIME', summary: 'when it ends, ISO 8601; never unless given' },
    },
    async run({ options: { out, expires, json }, positionals: scopes }, { api, terminal, signal }) {
      const order = { scopes, ...(expires !== undefined && { expiresAt: expires }) };
      const made = await keptSecret(
        out,
        () => api.send<ShownKey>('POST', '/v1/api-keys', order, signal),
        ({ key }, place) => place.keep('The key', key, terminal),
      );
      if (out !== '-') printEntity(withoutKey(made), json, terminal);
      return 0;
    },
  }),
  rotate: defineVerb({
    summary: 'Gives a key a new secret; the one before stays valid for a day, or for --overlap hours',
    positionals: [{ name: 'id', required: true }],
    tenants: 'one',
    options: {
      out: outOption,
      overlap: {
        kind: 'count',
        placeholder: 'HOURS',
        summary: 'how long the secret before stays valid (24); 0: it ends at once',
      },
    },
    async run({ options: { out, overlap, json }, positionals: [id = ''] }, { api, terminal, signal }) {
      const order = overlap === undefined ? {} : { overlapSeconds: overlap * hourSeconds };
      const made = await keptSecret(
        out,
        () => api.send<ShownKey>('POST', `${pathOf(id)}/rotate`, order, signal),
        ({ key }, place) => place.keep('The key', key, terminal),
      );
      if (out !== '-') printEntity(withoutKey(made), json, terminal);
      return 0;
    },
  }),
  delete: defineVerb({
    summary: 'Deletes keys: they end at once',
    positionals: [{ name: 'id', required: true, repeated: true }],
    tenants: 'one',
    options: {},
    async run({ options: { json }, positionals }, { api, terminal, signal }) {
      for (const id of positionals) {
        if (id.includes('.'))
          throw new UserError('Name a key by its id, the part in front of the dot.', { exitCode: 2 });
        await api.send('DELETE', pathOf(id), undefined, signal);
        terminal.line(json ? JSON.stringify({ deleted: id }) : `Deleted ${id}.`);
      }
      return 0;
    },
  }),
});

const pathOf = (id: string): string => `/v1/api-keys/${encodeURIComponent(id)}`;

function withoutKey({ key: _key, ...rest }: ShownKey): Entity {
  return rest;
}
