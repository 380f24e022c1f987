/** The demo's configuration for infra/compose.yaml, whose broker wants a password. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../stack/atomic-file.ts';
import { writeDemoConfiguration } from './demo-config.ts';
import type { ComposeEnvironment } from './compose-environment.ts';

/** As the services of the compose file see it. */
const broker = { url: 'mqtt://mosquitto:1883', username: 'millrace' };

/** The compose file has no PLC: the demo's connection to one is left out. */
const plcUrl = 'modbus-tcp://plc:502';

interface ConnectionFile {
  readonly url: string;
}

/** Below `dataDir`; a folder that is there already is the person's own, only the broker's password follows. */
export async function writeComposeConfiguration(dataDir: string, values: ComposeEnvironment): Promise<void> {
  const { MILLRACE_SECRET_KEY: secretKey = '', MQTT_PASSWORD: password } = values;
  const { configDir } = await writeDemoConfiguration({
    dataDir,
    secretKey,
    addresses: { mqttUrl: broker.url, plcUrl },
  });
  const file = join(configDir, 'connections.json');
  if (!existsSync(file)) return;
  const connections = JSON.parse(readFileSync(file, 'utf8')) as ConnectionFile[];
  const completed = connections
    .filter(({ url }) => url !== plcUrl)
    .map((one) => (one.url === broker.url ? { ...one, username: broker.username, password } : one));
  writeAtomically(file, `${JSON.stringify(completed, null, 2)}\n`);
}
