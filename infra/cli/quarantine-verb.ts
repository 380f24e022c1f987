/** `scripts quarantine`: what is not run for a while because it kept breaking its limits, and the way to end it. */
import { UserError } from '../stack/user-error.ts';
import { defineVerb } from './noun.ts';
import { type Entity } from './resources.ts';
import { cellOf, tableLines } from './table.ts';
import { type Terminal } from './terminal.ts';

const columns = ['scriptId', 'version', 'device', 'reason', 'failures', 'restsUntil'];

export const quarantineVerb = defineVerb({
  summary: 'Lists scripts that rest because they kept breaking their limits; quarantine clear ID lets one run again',
  positionals: [
    { name: 'list|clear', required: false },
    { name: 'id', required: false },
  ],
  tenants: 'one',
  options: { device: { kind: 'text', placeholder: 'UID', summary: 'clear it for this device only' } },
  async run({ options: { device, json }, positionals: [action = 'list', id] }, { api, terminal, signal }) {
    if (action === 'list' && id === undefined) {
      show(await api.get('/v1/quarantine', signal), json, terminal);
      return 0;
    }
    if (action !== 'clear' || id === undefined)
      throw new UserError('Write quarantine list, or quarantine clear and the id of a script.', { exitCode: 2 });
    const query = device === undefined ? '' : `?${new URLSearchParams({ device }).toString()}`;
    const answer = await api.send<Cleared>(
      'DELETE',
      `/v1/quarantine/${encodeURIComponent(id)}${query}`,
      undefined,
      signal,
    );
    if (json) terminal.line(JSON.stringify(answer));
    else terminal.line(answer.cleared === 0 ? `Script ${id} did not rest.` : `Script ${id} runs again.`);
    if (!answer.complete) terminal.note('A service did not answer: it may still rest there.');
    return answer.complete ? 0 : 1;
  },
});

interface Cleared {
  readonly cleared: number;
  readonly complete: boolean;
}

interface Quarantine {
  readonly items: readonly Entity[];
  readonly complete: boolean;
}

function show({ items, complete }: Quarantine, json: boolean, terminal: Terminal): void {
  if (json) for (const item of items) terminal.line(JSON.stringify(item));
  else if (items.length === 0) terminal.note('No script rests.');
  else {
    const rows = items.map((item) =>
      columns.map((name) => (name === 'device' ? (item[name] ?? 'all') : item[name])).map(cellOf),
    );
    for (const line of tableLines(columns, rows, terminal)) terminal.line(line);
  }
  if (!complete) terminal.note('A service did not answer: there may be more.');
}
