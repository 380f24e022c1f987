import { expect, test } from 'vitest';
import { serviceEnvironment } from './service-launch.ts';

const surroundings = {
  address: (name: string) => `http://${name}`,
  adminKey: 'admin.0123456789abcdef',
  secretKey: 'key',
  configDir: '/config',
  services: [
    { name: 'client-manager', url: 'http://127.0.0.1:1' },
    { name: 'parser', url: 'http://127.0.0.1:2' },
  ],
};

test('the api is told where all services account for their messages, and where connections are managed', () => {
  expect(serviceEnvironment('api', 'api-1', surroundings, { 'api-1': 2 })).toMatchObject({
    MILLRACE_HTTP_PORT: '2',
    MILLRACE_ACCOUNTING_URLS: 'http://127.0.0.1:1,http://127.0.0.1:2',
    MILLRACE_CLIENT_MANAGER_URLS: 'http://127.0.0.1:1',
  });
});

test('a service gets its own variables and no others', () => {
  const variables = serviceEnvironment('parser', 'parser-1', surroundings, { 'parser-1': 3 });
  expect(Object.keys(variables)).not.toContain('MILLRACE_SECRET_KEY');
  expect(Object.keys(variables)).not.toContain('MILLRACE_POSTGRES_URL');
  expect(Object.keys(variables)).not.toContain('MILLRACE_ACCOUNTING_URLS');
});
