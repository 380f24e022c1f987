/** Scripts of a tenant. */
import { UserError } from '../../stack/user-error.ts';
import { encodeVerb } from '../encode-verb.ts';
import { defineNoun, defineVerb } from '../noun.ts';
import { quarantineVerb } from '../quarantine-verb.ts';
import { type Entity, itemsUsual, printEntity, printList } from '../resources.ts';
import { runVerb } from '../run-verb.ts';
import { jsonOf, scriptIn } from '../script-file.ts';
import { type Terminal } from '../terminal.ts';
import { testVerb } from '../test-verb.ts';

const overrideOption = {
  kind: 'text',
  placeholder: 'REASON',
  summary: 'publish it although it fails its samples; the reason stays with the version',
} as const;

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
    options: { version: { kind: 'count', placeholder: 'N', summary: 'as it was in this version' } },
    async run({ options: { version, json }, positionals: [id = ''] }, { api, terminal, signal }) {
      const path = version === undefined ? pathOf(id) : `${pathOf(id)}/versions/${version}`;
      const script = await api.get<Entity & { readonly source: string }>(path, signal);
      if (json) printEntity(script, json, terminal);
      else terminal.line(script.source.replace(/\n$/, ''));
      return 0;
    },
  }),
  put: defineVerb({
    summary: 'Creates a script from a file, or gives an existing one the text of the file',
    positionals: [{ name: 'file', required: true }],
    tenants: 'one',
    options: {
      id: { kind: 'text', placeholder: 'ID', summary: 'id of the script' },
      samples: { kind: 'text', placeholder: 'FILE', summary: 'its samples, in place of those that it has' },
      override: overrideOption,
    },
    async run({ options: { id, samples, override, json }, positionals: [file = ''] }, { api, terminal, signal }) {
      if (id === undefined) throw new UserError('Name the script with --id ID.', { exitCode: 2 });
      const { language, source } = scriptIn(file);
      const text = { language, source, ...(samples !== undefined && { samples: jsonOf(samples) }) };
      const { status } = await api.answer(pathOf(id), { signal });
      const script = await (status === 404
        ? api.send<Entity>('POST', withOverride('/v1/scripts', override), { scriptId: id, ...text }, signal)
        : api.send<Entity>('PATCH', withOverride(pathOf(id), override), text, signal));
      showVersion(id, script, json, terminal);
      return 0;
    },
  }),
  run: runVerb,
  encode: encodeVerb,
  test: testVerb,
  quarantine: quarantineVerb,
  versions: defineVerb({
    summary: 'Lists the versions of a script, also of one that was deleted',
    positionals: [{ name: 'id', required: true }],
    tenants: 'one',
    options: { limit: { kind: 'count', placeholder: 'N', summary: `at most N (${itemsUsual})` } },
    async run({ options: { limit, json }, positionals: [id = ''] }, { api, terminal, signal }) {
      const columns = ['version', 'language', 'createdAt', 'hash', 'override'];
      const path = `scripts/${encodeURIComponent(id)}/versions`;
      await printList(api, { path, filters: {}, limit, columns, json }, terminal, signal);
      return 0;
    },
  }),
  restore: defineVerb({
    summary: 'Gives a script the text of an earlier version again',
    positionals: [
      { name: 'id', required: true },
      { name: 'version', required: true },
    ],
    tenants: 'one',
    options: { override: overrideOption },
    async run({ options: { override, json }, positionals: [id = '', version = ''] }, { api, terminal, signal }) {
      const path = withOverride(`${pathOf(id)}/versions/${encodeURIComponent(version)}/restore`, override);
      showVersion(id, await api.send<Entity>('POST', path, undefined, signal), json, terminal);
      return 0;
    },
  }),
});

function showVersion(id: string, script: Entity, json: boolean, terminal: Terminal): void {
  if (json) printEntity(script, json, terminal);
  else terminal.line(`Script ${id} has version ${String(script['version'])}.`);
}

function withOverride(path: string, override: string | undefined): string {
  return override === undefined ? path : `${path}?${new URLSearchParams({ override }).toString()}`;
}

const pathOf = (id: string): string => `/v1/scripts/${encodeURIComponent(id)}`;
