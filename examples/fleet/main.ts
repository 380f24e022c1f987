/**
 * The demo fleet: the devices of `examples/demo/config` as programs that send genuine vendor frames, over HTTP with their own
 * password or over MQTT, every `--interval-ms`, and a controller that is asked over Modbus TCP.
 *
 *     node examples/fleet/main.ts --gateway http://127.0.0.1:8080 --broker mqtt://127.0.0.1:1883 --plc-port 1502 --state .millrace/state.json
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Fleet } from './fleet.ts';
import { httpSender } from './http-sender.ts';
import { mqttSender } from './mqtt-sender.ts';
import { membersOf } from './members.ts';
import { runPlc } from './plc.ts';

const { values } = parseArgs({
  options: {
    gateway: { type: 'string' },
    broker: { type: 'string' },
    'plc-port': { type: 'string' },
    state: { type: 'string' },
    'interval-ms': { type: 'string', default: '2000' },
  },
});
const { gateway, broker, 'plc-port': plcPort, state } = values;
if (!gateway || !broker || !plcPort || !state) {
  process.stderr.write('The fleet needs --gateway URL, --broker URL, --plc-port PORT and --state FILE.\n');
  process.exit(2);
}

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

const { dataDir, demo } = JSON.parse(await readFile(state, 'utf8'));
const devices = JSON.parse(await readFile(join(dataDir, 'config', 'devices.json'), 'utf8'));
const mqtt = mqttSender(broker);
const fleet = new Fleet(membersOf(devices, demo), { http: httpSender(gateway), mqtt });
const plc = runPlc(Number(plcPort), stopping.signal);
await Promise.all([fleet.run(Number(values['interval-ms']), stopping.signal), plc]);
await mqtt.close();
