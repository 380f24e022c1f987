import { expect, test } from 'vitest';
import { completedEnvironment, parseEnvironmentFile } from './compose-environment.ts';

const place = { user: 1000, configFolder: '/config' };

test('secrets are long, differ from each other and from those of another installation', () => {
  const { MILLRACE_USER: user, MILLRACE_CONFIG_FOLDER: folder, ...secrets } = completedEnvironment({}, place);
  expect([user, folder]).toEqual(['1000', '/config']);
  const all = [...Object.values(secrets), ...Object.values(completedEnvironment({}, place)).slice(0, 6)];
  expect(new Set(all).size).toBe(12);
  for (const secret of Object.values(secrets)) expect(secret).toMatch(/^(admin\.)?[\w-]{43}$/);
});

test('what is there stays', () => {
  const first = completedEnvironment({ GRAFANA_PASSWORD: 'mine', OTHER: 'x' }, place);
  expect(first).toMatchObject({ GRAFANA_PASSWORD: 'mine', OTHER: 'x' });
  expect(completedEnvironment(first, { user: 7, configFolder: '/other' })).toEqual(first);
});

test('a file is read with its comments passed over', () => {
  expect(parseEnvironmentFile('# by hand\nA=1\n\nB=x=y\n')).toEqual({ A: '1', B: 'x=y' });
});
