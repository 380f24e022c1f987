import { expect, test } from 'vitest';
import type { GatewayEnvironment } from './environment.ts';
import { tlsFiles } from './tls-files.ts';

const files = {
  MILLRACE_GATEWAY_TLS_CERTIFICATE_FILE: 'tls.crt',
  MILLRACE_GATEWAY_TLS_KEY_FILE: 'tls.key',
};
const filesOf = (environment: Partial<GatewayEnvironment>) => tlsFiles(environment as GatewayEnvironment);

test('a listener with TLS has a certificate and its key; without one there are none', () => {
  const both = { certificateFile: 'tls.crt', keyFile: 'tls.key' };
  expect(filesOf({ MILLRACE_GATEWAY_HTTPS_PORT: 0, ...files })).toEqual(both);
  expect(filesOf({ MILLRACE_GATEWAY_TCPS_PORT: 1, ...files })).toEqual(both);
  expect(filesOf({})).toEqual({});
});

test.each<[string, Partial<GatewayEnvironment>]>([
  ['a port alone', { MILLRACE_GATEWAY_HTTPS_PORT: 0 }],
  ['a port and a certificate', { MILLRACE_GATEWAY_TCPS_PORT: 0, MILLRACE_GATEWAY_TLS_CERTIFICATE_FILE: 'tls.crt' }],
  ['a port and a key', { MILLRACE_GATEWAY_TCPS_PORT: 0, MILLRACE_GATEWAY_TLS_KEY_FILE: 'tls.key' }],
  ['files alone', files],
  ['a key alone', { MILLRACE_GATEWAY_TLS_KEY_FILE: 'tls.key' }],
])('%s is a mistake that stops the start', (_, environment) => {
  expect(() => filesOf(environment)).toThrow(expect.objectContaining({ code: 'configuration_invalid' }));
});
