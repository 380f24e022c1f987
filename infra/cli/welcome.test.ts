import { expect, test } from 'vitest';
import { type ProcessStatus } from '../stack/process-plan.ts';
import { Terminal } from './terminal.ts';
import { welcome } from './welcome.ts';

const process = (name: string, url: string, ports: Record<string, number> = {}): ProcessStatus => ({
  name,
  instance: `${name}-1`,
  kind: 'service',
  pid: 1,
  born: '1',
  state: 'ready',
  ready: true,
  url,
  ports,
  log: '',
  restarts: 0,
});

const input = {
  state: {
    version: '1',
    state: 'ready',
    dataDir: '/data',
    supervisor: { pid: 1, born: '1' },
    processes: [
      process('gateway', 'http://127.0.0.1:1', { 'gateway-1': 1, 'gateway-1-ingest': 2, 'gateway-1-tcp': 6 }),
      process('api', 'http://127.0.0.1:3'),
      process('questdb', 'http://127.0.0.1:4'),
      { ...process('parser', 'http://127.0.0.1:8'), pid: 8 },
      process('mail', 'http://127.0.0.1:5'),
      process('postgres', 'postgres://millrace@127.0.0.1:8/millrace'),
      process('kafka', '127.0.0.1:6'),
      process('registry', 'http://127.0.0.1:7/apis/ccompat/v7'),
    ],
    demo: { tenants: [{ id: 'north', apiKey: 'k.s', devices: [{ uid: 'a', key: 'pw' }] }] },
  },
  command: (name: string) => `./millrace ${name}`,
  example: {
    tenant: 'north',
    uid: 'a',
    password: 'pw',
    apiKey: 'k.s',
    query: '?fPort=2',
    frame: '\\313',
    hex: 'cb',
    signal: 't',
    table: 'points_90d',
  },
  exampleRegister: { apiKey: 'p.s', uid: 'plc', signal: 'speed' },
  exampleLines: { first: 'JSON north/b:pw', message: '{"payload":"AXU="}' },
} as const;

const text = welcome(input, new Terminal({ colours: false, animated: false }));

test.each([
  ["printf '\\313' | curl -u 'north/a:pw'"],
  ["'http://127.0.0.1:2/v1/messages?fPort=2'"],
  [`printf '%s\\n' 'JSON north/b:pw' '{"payload":"AXU="}' | curl -s -m 2 telnet://127.0.0.1:6`],
  ['./millrace consume telemetry.points.v1 --max 3'],
  ["'authorization: Bearer p.s' 'http://127.0.0.1:3/v1/devices/plc/signals/speed/latest'"],
  ['./millrace scale parser=2'],
  ['./millrace load smoke'],
  ['kill -9 8'],
  ["FROM points_90d WHERE tenant='north' AND device='a'"],
  ['http://127.0.0.1:5/messages'],
  ['postgres://millrace@127.0.0.1:8/millrace (password: /data/postgres/password)'],
  ['subscribe.py --brokers 127.0.0.1:6 --registry http://127.0.0.1:7/apis/ccompat/v7 --topic telemetry.points.v1'],
  ['subscribe.jar --brokers 127.0.0.1:6 --registry http://127.0.0.1:7/apis/ccompat/v7 --topic telemetry.points.v1'],
  ['tenant north'],
  ['k.s'],
  ['http://127.0.0.1:3/docs'],
  ['http://127.0.0.1:3/#key=k.s&device=a&hex=cb&attributes=fPort%3D2'],
])('the block has %s', (part) => {
  expect(text).toContain(part);
});

test('it has no colours where there is no terminal, and colours where there is one', () => {
  const escape = '\u001B[';
  expect(text).not.toContain(escape);
  expect(welcome(input, new Terminal({ colours: true, animated: false }))).toContain(escape);
});

test('without a gateway there is no message to send', () => {
  const without = { ...input, state: { ...input.state, processes: [] } };
  expect(welcome(without, new Terminal({ colours: false, animated: false }))).not.toContain('curl -u');
});
