import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { launchVariables } from './launch-variables.ts';

function settings(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'settings');
  writeFileSync(file, text);
  return file;
}

test('a flag goes before the environment, and that before a file', () => {
  const file = settings('# limits\nMILLRACE_CONNECTIONS_MAX=1\nMILLRACE_MEMORY_MAX_MB=2\nMILLRACE_CPU_MAX_PERCENT=3\n');
  const environment = { MILLRACE_CONNECTIONS_MAX: '10', MILLRACE_MEMORY_MAX_MB: '20', PATH: '/bin' };
  expect(launchVariables(['--connections-max', '100', '--settings', file], environment)).toEqual({
    MILLRACE_CONNECTIONS_MAX: '100',
    MILLRACE_MEMORY_MAX_MB: '20',
    MILLRACE_CPU_MAX_PERCENT: '3',
    PATH: '/bin',
  });
  expect(launchVariables(['--connections-max=7'], {})).toEqual({ MILLRACE_CONNECTIONS_MAX: '7' });
  expect(launchVariables([], environment)).toEqual(environment);
});

test.each([[['500']], [['--connections-max']], [['-c', '5']], [['--settings', '/absent/settings']]])(
  '%j is refused with what to do',
  (words) => {
    expect(() => launchVariables(words, {})).toThrow(expect.objectContaining({ code: 'configuration_invalid' }));
  },
);
