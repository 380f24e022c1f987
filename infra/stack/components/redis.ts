/** Redis with an append-only file, so that latest values outlive a restart. */
import { type Component, portOf } from '../component.ts';
import { loopback } from '../ports.ts';
import { exchange } from './tcp-exchange.ts';

export const redis: Component = {
  name: 'redis',
  portNames: ['redis'],

  async prepare({ folder, ports }, toolchain) {
    const command = await toolchain.redisServer();
    const settings = {
      port: portOf(ports, 'redis'),
      bind: loopback,
      dir: folder,
      appendonly: 'yes',
      save: '',
      daemonize: 'no',
    };
    const parameters = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    return { command, parameters };
  },

  address: (ports) => `redis://${loopback}:${portOf(ports, 'redis')}`,

  /** It answers `-LOADING` while it reads its file. */
  async isReady(ports, signal) {
    const [answer] = await exchange(portOf(ports, 'redis'), [Buffer.from('PING\r\n')], signal);
    return answer!.toString('latin1').startsWith('+PONG');
  },
};
