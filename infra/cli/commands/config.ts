/** The configuration of an installation as a folder of files. */
import { resolve } from 'node:path';
import { type AppliedSummary, filesIn, liveEverywhere, sendFiles } from '../../configure/apply-configuration.ts';
import { UserError } from '../../stack/user-error.ts';
import { accessOf } from '../api-door.ts';
import { type ExportedConfiguration, writeConfigurationFolder } from '../configuration-folder.ts';
import { confirmed } from '../confirm.ts';
import { defineNoun, defineVerb } from '../noun.ts';
import { type Terminal } from '../terminal.ts';

const folder = [{ name: 'folder', required: true }] as const;

export const config = defineNoun('config', 'The configuration as a folder of files', {
  export: defineVerb({
    summary: 'Writes the configuration into a folder; without connections and the secrets of channels',
    positionals: folder,
    tenants: 'all',
    options: {
      tenant: { kind: 'text', placeholder: 'ID', summary: 'only of this tenant (all that the key reaches)' },
    },
    async run({ options: { tenant, json }, positionals: [given = ''] }, { api, terminal, signal }) {
      const { scopes } = await accessOf(api, signal);
      if (!scopes.includes('admin'))
        throw new UserError('The key needs the scope admin: a folder without hashes would take the passwords away.');
      const all = tenant === undefined && scopes.includes('platform');
      const asked = tenant === undefined ? api : api.in(tenant);
      const { omitted, ...document } = await asked.get<{ readonly omitted: readonly string[] } & ExportedConfiguration>(
        `/v1/config/export?all=${all}`,
        signal,
      );
      const target = resolve(given);
      const entities = await writeConfigurationFolder(target, document as ExportedConfiguration);
      if (json) terminal.line(JSON.stringify({ folder: target, entities, omitted }));
      else terminal.line(`${entities} entities are in ${target}; not in it: ${omitted.join(', ')}.`);
      return 0;
    },
  }),
  diff: defineVerb({
    summary: 'Shows what applying a folder with --prune would do; exit code 1: there is a difference',
    positionals: folder,
    tenants: 'all',
    options: {},
    async run({ options: { json }, positionals: [given = ''] }, { api, terminal, signal }) {
      const plan = await sendFiles(api, await filesIn(resolve(given)), { prune: true, dryRun: true }, signal);
      showPlan(plan, json, terminal);
      return plan.changes.length === 0 ? 0 : 1;
    },
  }),
  apply: defineVerb({
    summary: 'Brings the configuration to what a folder says, after showing what that is',
    positionals: folder,
    tenants: 'all',
    options: {
      prune: { kind: 'flag', summary: 'delete what the folder does not have of its tenants' },
      yes: { kind: 'flag', summary: 'do not ask' },
      override: {
        kind: 'text',
        placeholder: 'REASON',
        summary: 'publish scripts although they fail their samples; the reason stays with their versions',
      },
      'no-wait': { kind: 'flag', summary: 'end when it is written, not when it is live in every service' },
    },
    async run({ options, positionals: [given = ''] }, { api, terminal, signal }) {
      const { prune, yes, 'no-wait': noWait, override, json } = options;
      const files = await filesIn(resolve(given));
      const plan = await sendFiles(api, files, { prune, dryRun: true, override }, signal);
      showPlan(plan, json, terminal);
      if (plan.changes.length === 0) return 0;
      if (!yes && !(await confirmed('Do it?', signal))) throw new UserError('Nothing was changed.');
      await terminal.step('Applying', async (report) => {
        const { position } = await sendFiles(api, files, { prune, dryRun: false, override }, signal);
        if (position === null || noWait) return;
        report('until it is live everywhere');
        await liveEverywhere(api.door, position, signal);
      });
      return 0;
    },
  }),
});

const marks = {
  created: { sign: '+', style: 'green' },
  changed: { sign: '~', style: 'yellow' },
  deleted: { sign: '-', style: 'red' },
} as const;

/** A line for each entity, then a line of counts. */
function showPlan({ changes, unchanged }: AppliedSummary, json: boolean, terminal: Terminal): void {
  const count = { created: 0, changed: 0, deleted: 0 };
  for (const one of changes) {
    const { tenant, entity, id, change, members } = one;
    count[change] += 1;
    const { sign, style } = marks[change];
    const what = members.length > 0 ? `  ${terminal.styled('dim', members.join(', '))}` : '';
    terminal.line(json ? JSON.stringify(one) : `${terminal.styled(style, `${sign} ${tenant}/${entity}/${id}`)}${what}`);
  }
  if (!json)
    terminal.line(
      `${count.created} created, ${count.changed} changed, ${count.deleted} deleted, ${unchanged} unchanged.`,
    );
}
