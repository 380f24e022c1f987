/** Devices that register themselves. */
import { defineNoun, defineVerb } from '../noun.ts';
import { type Entity, itemsUsual, printEntity, printList } from '../resources.ts';
import { keptSecret, outOption } from '../shown-secret.ts';

const uids = [{ name: 'uid', required: true, repeated: true }] as const;

const decision = (verb: 'approve' | 'refuse', done: string, summary: string) =>
  defineVerb({
    summary,
    positionals: uids,
    tenants: 'one',
    options: {},
    async run({ options: { json }, positionals }, { api, terminal, signal }) {
      for (const uid of positionals) {
        const path = `/v1/registrations/${encodeURIComponent(uid)}/${verb}`;
        const decided = await api.send<Entity>('POST', path, undefined, signal);
        terminal.line(json ? JSON.stringify(decided) : `${done} ${uid}.`);
      }
      return 0;
    },
  });

export const registrations = defineNoun('registrations', 'Devices that register themselves', {
  list: defineVerb({
    summary: 'Lists registrations: those that wait, unless --state says otherwise',
    positionals: [],
    tenants: 'one',
    options: {
      state: { kind: 'text', placeholder: 'STATE', summary: 'pending, approved, refused, enrolled, or all (pending)' },
      product: { kind: 'text', placeholder: 'ID', summary: 'of this product' },
      limit: { kind: 'count', placeholder: 'N', summary: `at most N (${itemsUsual})` },
    },
    async run({ options: { state = 'pending', product, limit, json } }, { api, terminal, signal }) {
      const filters = { state: state === 'all' ? undefined : state, productId: product };
      const columns = ['deviceUid', 'productId', 'secretId', 'state', 'since', 'credential'];
      await printList(api, { path: 'registrations', filters, limit, columns, json }, terminal, signal);
      return 0;
    },
  }),
  approve: decision('approve', 'Approved', 'Lets devices in: they get their credentials when they ask the next time'),
  refuse: decision('refuse', 'Refused', 'Keeps devices out'),
  secret: defineVerb({
    summary: 'Makes a secret by which devices of a product register themselves',
    positionals: [{ name: 'product', required: true }],
    tenants: 'one',
    options: {
      out: outOption,
      name: { kind: 'text', placeholder: 'TEXT', summary: 'for people' },
      expires: { kind: 'text', placeholder: 'TIME', summary: 'when it ends, ISO 8601; never unless given' },
      devices: { kind: 'count', placeholder: 'N', summary: 'how many may come by it (1000)' },
      'no-approval': { kind: 'flag', summary: 'devices come in without a person who looks at them' },
    },
    async run({ options, positionals: [productId] }, { api, terminal, signal }) {
      const { out, name, expires, devices, 'no-approval': open, json } = options;
      const order = {
        productId,
        approval: !open,
        ...(name !== undefined && { name }),
        ...(expires !== undefined && { expiresAt: expires }),
        ...(devices !== undefined && { devicesMax: devices }),
      };
      const { secret: _, ...made } = await keptSecret(
        out,
        () => api.send<Entity & { readonly secret: string }>('POST', '/v1/registration-secrets', order, signal),
        ({ secret }, place) => place.keep('The secret', secret, terminal),
      );
      if (out !== '-') printEntity(made, json, terminal);
      return 0;
    },
  }),
});
