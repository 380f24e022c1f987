/** Devices of a tenant. */
import { defineNoun, defineVerb } from '../noun.ts';
import { certificateVerb, keyVerb, passwordVerb } from '../device-credentials.ts';
import { importDevices } from '../device-file.ts';
import { type Entity, itemsUsual, membersOf, printEntity, printList } from '../resources.ts';

const columns = ['deviceUid', 'name', 'productId', 'state', 'identificationCode', 'passwords', 'tags'];

export const devices = defineNoun('devices', 'Devices of a tenant', {
  list: defineVerb({
    summary: 'Lists devices',
    positionals: [],
    tenants: 'one',
    options: {
      product: { kind: 'text', placeholder: 'ID', summary: 'of this product' },
      state: { kind: 'text', placeholder: 'STATE', summary: 'registered, active, disabled or retired' },
      tag: { kind: 'text', placeholder: 'TAG', summary: 'with this tag' },
      asset: { kind: 'text', placeholder: 'ID', summary: 'at this asset, or below it' },
      gateway: { kind: 'text', placeholder: 'UID', summary: 'behind this gateway' },
      search: { kind: 'text', placeholder: 'TEXT', summary: 'part of the uid, the name or the identification code' },
      limit: { kind: 'count', placeholder: 'N', summary: `at most N (${itemsUsual})` },
    },
    async run({ options: { product, state, tag, asset, gateway, search, limit, json } }, { api, terminal, signal }) {
      const filters = { productId: product, state, tag, assetId: asset, gatewayUid: gateway, search };
      await printList(api, { path: 'devices', filters, limit, columns, json }, terminal, signal);
      return 0;
    },
  }),
  get: defineVerb({
    summary: 'Shows one device',
    positionals: [{ name: 'uid', required: true }],
    tenants: 'one',
    options: {},
    async run({ options: { json }, positionals: [uid = ''] }, { api, terminal, signal }) {
      printEntity(await api.get<Entity>(pathOf(uid), signal), json, terminal);
      return 0;
    },
  }),
  create: defineVerb({
    summary: 'Creates one device: d1 productId=pump name="Pump 1" attributes.place=hall',
    positionals: [
      { name: 'uid', required: true },
      { name: 'member=value', required: false, repeated: true },
    ],
    tenants: 'one',
    options: {},
    async run({ options: { json }, positionals: [deviceUid = '', ...words] }, { api, terminal, signal }) {
      const device = { ...membersOf(words), deviceUid };
      printEntity(await api.send<Entity>('POST', '/v1/devices', device, signal), json, terminal);
      return 0;
    },
  }),
  delete: defineVerb({
    summary: 'Deletes devices',
    positionals: [{ name: 'uid', required: true, repeated: true }],
    tenants: 'one',
    options: {},
    async run({ options: { json }, positionals }, { api, terminal, signal }) {
      for (const uid of positionals) {
        await api.send('DELETE', pathOf(uid), undefined, signal);
        terminal.line(json ? JSON.stringify({ deleted: uid }) : `Deleted ${uid}.`);
      }
      return 0;
    },
  }),
  import: defineVerb({
    summary: 'Creates devices from a CSV file, or one with a JSON object a line; - is the input',
    positionals: [{ name: 'file', required: true }],
    tenants: 'one',
    options: {
      upsert: { kind: 'flag', summary: 'change those that are there; what a row does not name stays' },
      'dry-run': { kind: 'flag', summary: 'only say what would be done' },
      'skip-rows': { kind: 'count', placeholder: 'N', summary: 'go on behind N rows, where an import was cut off' },
      format: { kind: 'text', placeholder: 'csv|ndjson', summary: 'of a file whose ending does not tell' },
    },
    async run({ options, positionals: [file = ''] }, context) {
      const { upsert, 'dry-run': dryRun, 'skip-rows': skipRows, format, json } = options;
      return importDevices({ file, format, upsert, dryRun, skipRows: skipRows ?? 0, json }, context);
    },
  }),
  password: passwordVerb,
  key: keyVerb,
  certificate: certificateVerb,
});

const pathOf = (uid: string): string => `/v1/devices/${encodeURIComponent(uid)}`;
