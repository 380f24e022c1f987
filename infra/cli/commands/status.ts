/** Shows what runs. */
import { dataDirOption, defineCommand } from '../command.ts';
import { dataFolder } from '../data-folder.ts';
import { liveState } from '../../stack/live-state.ts';
import { type ProcessStatus, type ProcessState } from '../../stack/process-plan.ts';
import { type StackState } from '../../stack/state-file.ts';
import { version } from '../../stack/version.ts';
import { type Terminal } from '../terminal.ts';

export const status = defineCommand({
  name: 'status',
  summary: 'Shows the processes, where they listen, how often they were restarted',
  positionals: [],
  options: { json: { kind: 'flag', summary: 'as JSON, with the credentials of the demo' }, 'data-dir': dataDirOption },
  async run({ options }, terminal) {
    const dataDir = dataFolder(options['data-dir']);
    const state = await liveState(dataDir);
    if (options.json) terminal.line(JSON.stringify(published(state, dataDir), null, 2));
    else if (!state) terminal.line(`Nothing was started in ${dataDir}; ./millrace up starts it.`);
    else for (const line of table(state, terminal)) terminal.line(line);
    return 0;
  },
});

/** The interface: without what only this program needs. */
function published(state: StackState | undefined, dataDir: string): object {
  if (!state) return { version, state: 'stopped', dataDir, processes: [], demo: { tenants: [] } };
  const { supervisor: _supervisor, processes, demo, ...rest } = state;
  return { ...rest, processes: processes.map(({ born: _born, ...one }) => one), demo };
}

const colours: Readonly<Record<ProcessState, 'green' | 'yellow' | 'dim'>> = {
  ready: 'green',
  starting: 'yellow',
  waiting: 'yellow',
  stopping: 'yellow',
  stopped: 'dim',
};

function table(state: StackState, terminal: Terminal): string[] {
  const rows = state.processes.map((one) => [
    one.instance,
    stateOf(one),
    String(one.pid ?? '-'),
    String(one.restarts),
    one.url ?? '-',
  ]);
  const header = ['process', 'state', 'pid', 'restarts', 'address'];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const padded = (row: readonly string[]): string[] => row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
  return [
    `Millrace ${state.version} in ${state.dataDir}: ${state.state}`,
    '',
    terminal.styled('dim', padded(header).join('  ').trimEnd()),
    ...rows.map((row, index) => {
      const cells = padded(row);
      const one = state.processes[index];
      if (one) cells[1] = terminal.styled(one.ready ? 'green' : colours[one.state], cells[1] ?? '');
      return cells.join('  ').trimEnd();
    }),
    ...(isAbandoned(state) ? ['', 'The millrace that started them was killed; ./millrace up or down ends them.'] : []),
  ];
}

function isAbandoned({ state, processes }: StackState): boolean {
  return state === 'stopped' && processes.some(({ pid }) => pid !== null);
}

/** A process that was ready and does not answer now is frozen or overloaded. */
function stateOf({ state, ready }: ProcessStatus): string {
  return state === 'ready' && !ready ? 'no answer' : state;
}
