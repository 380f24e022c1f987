/** Instances of the client manager. */
import { defineNoun, defineVerb } from '../noun.ts';
import { printList } from '../resources.ts';

const columns = ['instance', 'state', 'accepting', 'load', 'capacity', 'ceilings', 'since', 'version', 'url'];

export const instances = defineNoun('instances', 'Instances of the client manager', {
  list: defineVerb({
    summary: 'Lists the instances that are alive, with what they have and may have',
    positionals: [],
    tenants: 'all',
    options: {},
    async run({ options: { json } }, { api, terminal, signal }) {
      await printList(api, { path: 'instances', filters: {}, limit: undefined, columns, json }, terminal, signal);
      return 0;
    },
  }),
  drain: defineVerb({
    summary: 'Lets an instance give its connections to the others, before it is stopped',
    positionals: [{ name: 'instance', required: true }],
    tenants: 'all',
    options: { end: { kind: 'flag', summary: 'let it take connections again' } },
    async run({ options: { end, json }, positionals: [instance = ''] }, { api, terminal, signal }) {
      const path = `/v1/instances/${encodeURIComponent(instance)}/drain`;
      await api.send(end ? 'DELETE' : 'POST', path, undefined, signal);
      const sentence = end
        ? `${instance} takes connections again.`
        : `${instance} gives its connections to the others.`;
      terminal.line(json ? JSON.stringify({ instance, draining: !end }) : sentence);
      return 0;
    },
  }),
});
