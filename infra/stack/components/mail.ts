/** The mail catcher: an SMTP server that delivers nothing and shows what it got. */
import { join } from 'node:path';
import { type Component, portOf } from '../component.ts';
import { loopback } from '../ports.ts';
import { httpAnswers } from './http-probe.ts';

const program = join(import.meta.dirname, '..', 'mail-catcher.ts');

export const mail: Component = {
  name: 'mail',
  portNames: ['mail', 'smtp'],

  prepare({ ports }) {
    const parameters = ['--smtp-port', portOf(ports, 'smtp'), '--http-port', portOf(ports, 'mail')].map(String);
    return Promise.resolve({ command: process.execPath, parameters: [program, ...parameters] });
  },

  address: (ports) => `http://${loopback}:${portOf(ports, 'mail')}`,
  isReady: (ports, signal) => httpAnswers(`${mail.address(ports)}/messages`, signal),
};
