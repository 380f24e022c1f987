/** Eclipse Mosquitto, open to everyone on the loopback. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Component, portOf } from '../component.ts';
import { loopback } from '../ports.ts';
import { exchange } from './tcp-exchange.ts';

/** Those that have nothing to do with the place. */
export const mosquittoSettings: readonly string[] = [
  // Unacknowledged messages per client: the client manager pipelines at least 1,000.
  'max_inflight_messages 5000',
  // Kept for a client that is away: minutes of the demo, and a limit for what a forgotten one can fill.
  'max_queued_messages 100000',
  'persistence true',
  'autosave_interval 30',
];

export const mosquitto: Component = {
  name: 'mosquitto',
  portNames: ['mqtt'],

  async prepare({ folder, ports }, toolchain) {
    const command = await toolchain.mosquitto();
    const configuration = join(folder, 'mosquitto.conf');
    const lines = [
      `listener ${portOf(ports, 'mqtt')} ${loopback}`,
      'allow_anonymous true',
      ...mosquittoSettings,
      `persistence_location ${folder}/`,
      // Started as root it would change to the user mosquitto, who cannot read a home of root.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
    ];
    writeFileSync(configuration, `${lines.join('\n')}\n`);
    return { command, parameters: ['-c', configuration] };
  },

  address: (ports) => `mqtt://${loopback}:${portOf(ports, 'mqtt')}`,

  async isReady(ports, signal) {
    const [answer] = await exchange(portOf(ports, 'mqtt'), [connectPacket], signal);
    return answer!.equals(acceptedPacket);
  },
};

/** MQTT 3.1.1 CONNECT: protocol `MQTT` level 4, clean session, keep-alive 10 s, empty client id; and its CONNACK. */
const connectPacket = Buffer.from('100c00044d5154540402000a0000', 'hex');
const acceptedPacket = Buffer.from('20020000', 'hex');
