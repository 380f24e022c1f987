import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

const needed = {
  GATEWAY_URL: 'http://gateway:8080/',
  API_URL: 'https://api',
  QUESTDB_URL: 'http://questdb:9000',
  API_KEY: 'id.secret',
};

test('with addresses and a key alone it is a smoke run of the tenant load', () => {
  expect(readSettings(needed)).toEqual({
    profile: 'smoke',
    gatewayUrl: 'http://gateway:8080',
    apiUrl: 'https://api',
    questdbUrl: 'http://questdb:9000',
    questdbAuthorization: undefined,
    apiKey: 'id.secret',
    tenant: 'load',
    table: 'points_30d',
    devices: 1_000,
    messagesPerRequest: 100,
    messagesPerSecond: undefined,
    seconds: undefined,
    quietSeconds: 30,
    results: 'load-smoke',
    format: 'text',
  });
});

test.each([
  [{ API_KEY: '' }, 'Set API_KEY'],
  [{ GATEWAY_URL: undefined }, 'Set GATEWAY_URL'],
  [{ API_URL: 'api:80' }, 'API_URL must be an address'],
  [{ PROFILE: 'spike' }, 'PROFILE must be one of smoke, average, stress, soak, not spike'],
  [{ RATE: '1e3' }, 'RATE must be a whole number from 1, not 1e3'],
  [{ SECONDS: '0' }, 'SECONDS must be a whole number from 1, not 0'],
  [{ BATCH: '20', DEVICES: '10' }, 'BATCH must be at most 1000, and not more than DEVICES (10)'],
  [{ TABLE: 'points; DROP' }, 'TABLE is not a name that Millrace gives'],
  [{ FORMAT: 'xml' }, 'FORMAT must be one of text, json'],
])('%j is refused: %s', (wrong, sentence) => {
  expect(() => readSettings({ ...needed, ...wrong })).toThrow(sentence);
});
