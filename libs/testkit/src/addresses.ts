/** Where the real components of the integration tests listen; `./millrace test` sets the variables. */
export const testAddresses = {
  kafka: process.env['MILLRACE_TEST_KAFKA'] ?? '127.0.0.1:19092',
  registry: process.env['MILLRACE_TEST_REGISTRY'] ?? 'http://127.0.0.1:18081/apis/ccompat/v7',
  questdb: process.env['MILLRACE_TEST_QUESTDB'] ?? 'http://127.0.0.1:19000',
  redis: process.env['MILLRACE_TEST_REDIS'] ?? 'redis://127.0.0.1:16379',
  postgres: process.env['MILLRACE_TEST_POSTGRES'] ?? 'postgres://millrace@127.0.0.1:15432/millrace',
  mqtt: process.env['MILLRACE_TEST_MQTT'] ?? 'mqtt://127.0.0.1:11883',
} as const;
