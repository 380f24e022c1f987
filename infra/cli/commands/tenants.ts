/** Tenants of the installation, and their end. */
import { UserError } from '../../stack/user-error.ts';
import { confirmed } from '../confirm.ts';
import { type Erasure, erased, linesOf } from '../erasure.ts';
import { defineNoun, defineVerb } from '../noun.ts';
import { itemsUsual, printList } from '../resources.ts';

const columns = ['tenant', 'name', 'state', 'retentionClass', 'ownTable'];
const limit = { kind: 'count', placeholder: 'N', summary: `at most N (${itemsUsual})` } as const;

export const tenants = defineNoun('tenants', 'Tenants of the installation; for a key of the platform', {
  list: defineVerb({
    summary: 'Lists tenants',
    positionals: [],
    tenants: 'all',
    options: {
      search: { kind: 'text', placeholder: 'TEXT', summary: 'part of the id or of the name' },
      limit,
    },
    async run({ options: { search, limit: max, json } }, { api, terminal, signal }) {
      await printList(api, { path: 'tenants', filters: { search }, limit: max, columns, json }, terminal, signal);
      return 0;
    },
  }),
  delete: defineVerb({
    summary: 'Deletes a tenant and everything it has, for good, and shows the receipt',
    positionals: [{ name: 'tenant', required: true }],
    tenants: 'all',
    options: {
      confirm: { kind: 'text', placeholder: 'TENANT', summary: 'the name once more; without it you are asked' },
      'no-wait': { kind: 'flag', summary: 'do not wait until everything is erased' },
    },
    async run({ options, positionals: [tenant = ''] }, { api, terminal, signal }) {
      const { confirm, 'no-wait': noWait, json } = options;
      if (confirm !== tenant) await confirmedBy(tenant, confirm, signal);
      const path = `/v1/tenants/${encodeURIComponent(tenant)}?confirm=${encodeURIComponent(tenant)}`;
      const asked = await api.send<Erasure>('DELETE', path, undefined, signal);
      const receipt = noWait ? asked : await erased(tenant, api, terminal, signal);
      for (const line of json ? [JSON.stringify(receipt)] : linesOf(receipt, terminal)) terminal.line(line);
      return 0;
    },
  }),
  erasures: defineVerb({
    summary: 'Lists what was erased and what is being erased, or shows one receipt',
    positionals: [{ name: 'tenant', required: false }],
    tenants: 'all',
    options: { limit },
    async run({ options: { limit: max, json }, positionals: [tenant] }, { api, terminal, signal }) {
      if (tenant === undefined) {
        const shown = ['tenant', 'state', 'askedBy', 'askedAt', 'doneAt', 'attempts'];
        await printList(api, { path: 'erasures', filters: {}, limit: max, columns: shown, json }, terminal, signal);
        return 0;
      }
      const receipt = await api.get<Erasure>(`/v1/erasures/${encodeURIComponent(tenant)}`, signal);
      for (const line of json ? [JSON.stringify(receipt)] : linesOf(receipt, terminal)) terminal.line(line);
      return 0;
    },
  }),
});

/** Scripts name the tenant themselves: nobody sits there who could be asked. */
async function confirmedBy(tenant: string, confirm: string | undefined, signal: AbortSignal): Promise<void> {
  const isPerson = process.stdin.isTTY === true && process.stderr.isTTY === true;
  if (confirm !== undefined || !isPerson)
    throw new UserError(`Name the tenant once more: --confirm ${tenant}. What is deleted does not come back.`, {
      exitCode: 2,
    });
  if (!(await confirmed(`Delete ${tenant} and everything it has, for good?`, signal)))
    throw new UserError('Nothing was deleted.');
}
