/** Connections of the client manager. */
import { readFileSync } from 'node:fs';
import { UserError } from '../../stack/user-error.ts';
import { defineNoun, defineVerb } from '../noun.ts';
import { type Entity, itemsUsual, printEntity, printList } from '../resources.ts';

const columns = ['connectionId', 'kind', 'url', 'state', 'instance', 'since', 'receivedPerSecond'];

export const connections = defineNoun('connections', 'Connections to brokers and machines', {
  list: defineVerb({
    summary: 'Lists connections with how they are doing',
    positionals: [],
    tenants: 'one',
    options: {
      state: { kind: 'text', placeholder: 'STATE', summary: 'in this state: connected, waiting, not_in_use, …' },
      instance: { kind: 'text', placeholder: 'NAME', summary: 'of this instance of the client manager' },
      limit: { kind: 'count', placeholder: 'N', summary: `at most N (${itemsUsual})` },
    },
    async run({ options: { state, instance, limit, json } }, { api, terminal, signal }) {
      const filters = { state, instance };
      await printList(api, { path: 'connections', filters, limit, columns, json }, terminal, signal);
      return 0;
    },
  }),
  get: defineVerb({
    summary: 'Shows one connection',
    positionals: [{ name: 'id', required: true }],
    tenants: 'one',
    options: {},
    async run({ options: { json }, positionals: [id = ''] }, { api, terminal, signal }) {
      printEntity(await api.get<Entity>(pathOf(id), signal), json, terminal);
      return 0;
    },
  }),
  create: defineVerb({
    summary: 'Creates one connection from a JSON file as in connections.json, without the tenant; - is the input',
    positionals: [{ name: 'file', required: true }],
    tenants: 'one',
    options: {},
    async run({ options: { json }, positionals: [file = ''] }, { api, terminal, signal }) {
      const created = await api.send<Entity>('POST', '/v1/connections', readConnection(file), signal);
      printEntity(created, json, terminal);
      return 0;
    },
  }),
  delete: defineVerb({
    summary: 'Deletes connections',
    positionals: [{ name: 'id', required: true, repeated: true }],
    tenants: 'one',
    options: {},
    async run({ options: { json }, positionals }, { api, terminal, signal }) {
      for (const id of positionals) {
        await api.send('DELETE', pathOf(id), undefined, signal);
        terminal.line(json ? JSON.stringify({ deleted: id }) : `Deleted ${id}.`);
      }
      return 0;
    },
  }),
  move: defineVerb({
    summary: 'Lets another instance of the client manager have one connection',
    positionals: [
      { name: 'id', required: true },
      { name: 'instance', required: true },
    ],
    tenants: 'one',
    options: {},
    async run({ options: { json }, positionals: [id = '', instance = ''] }, { api, terminal, signal }) {
      const moved = await api.send<Entity>('POST', `${pathOf(id)}/move`, { instance }, signal);
      terminal.line(json ? JSON.stringify(moved) : `${id} moves to ${instance}.`);
      return 0;
    },
  }),
});

const pathOf = (id: string): string => `/v1/connections/${encodeURIComponent(id)}`;

function readConnection(file: string): object {
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8')) as object;
  } catch (error) {
    throw new UserError(`${file} is not a JSON file that can be read: ${(error as Error).message}`, { exitCode: 2 });
  }
}
