/** Scripts of a tenant. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { UserError } from '../../stack/user-error.ts';
import { defineNoun, defineVerb } from '../noun.ts';
import { type Entity, itemsUsual, printEntity, printList } from '../resources.ts';

const languages: Readonly<Record<string, string>> = { '.js': 'javascript', '.lua': 'lua', '.py': 'python' };

export const scripts = defineNoun('scripts', 'Scripts of a tenant', {
  list: defineVerb({
    summary: 'Lists scripts',
    positionals: [],
    tenants: 'one',
    options: {
      search: { kind: 'text', placeholder: 'TEXT', summary: 'part of the id' },
      limit: { kind: 'count', placeholder: 'N', summary: `at most N (${itemsUsual})` },
    },
    async run({ options: { search, limit, json } }, { api, terminal, signal }) {
      const columns = ['scriptId', 'language', 'version', 'updatedAt'];
      await printList(api, { path: 'scripts', filters: { search }, limit, columns, json }, terminal, signal);
      return 0;
    },
  }),
  get: defineVerb({
    summary: 'Writes the text of one script to the output; --json: with all members',
    positionals: [{ name: 'id', required: true }],
    tenants: 'one',
    options: {},
    async run({ options: { json }, positionals: [id = ''] }, { api, terminal, signal }) {
      const script = await api.get<Entity & { readonly source: string }>(pathOf(id), signal);
      if (json) printEntity(script, json, terminal);
      else terminal.line(script.source.replace(/\n$/, ''));
      return 0;
    },
  }),
  put: defineVerb({
    summary: 'Creates a script from a file, or gives an existing one the text of the file',
    positionals: [{ name: 'file', required: true }],
    tenants: 'one',
    options: { id: { kind: 'text', placeholder: 'ID', summary: 'id of the script' } },
    async run({ options: { id, json }, positionals: [file = ''] }, { api, terminal, signal }) {
      if (id === undefined) throw new UserError('Name the script with --id ID.', { exitCode: 2 });
      const language = languages[extname(file)];
      if (!language)
        throw new UserError(`A script is a file with the ending ${Object.keys(languages).join(', ')}.`, {
          exitCode: 2,
        });
      const text = { language, source: textOf(file) };
      const { status } = await api.answer(pathOf(id), { signal });
      const script = await (status === 404
        ? api.send<Entity>('POST', '/v1/scripts', { scriptId: id, ...text }, signal)
        : api.send<Entity>('PATCH', pathOf(id), text, signal));
      if (json) printEntity(script, json, terminal);
      else terminal.line(`Script ${id} has version ${String(script['version'])}.`);
      return 0;
    },
  }),
});

const pathOf = (id: string): string => `/v1/scripts/${encodeURIComponent(id)}`;

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
