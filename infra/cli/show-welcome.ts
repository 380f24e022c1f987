/** Prints the block for a stack that runs. */
import { join } from 'node:path';
import { currentState } from '../stack/state-file.ts';
import { exampleLines, exampleMessage, exampleRegister } from './example-message.ts';
import { type Terminal } from './terminal.ts';
import { welcome } from './welcome.ts';
import { workFolder } from './workspace.ts';

export function showWelcome(dataDir: string, terminal: Terminal): void {
  const state = currentState(dataDir);
  if (!state) return;
  const suffix = dataDir === workFolder ? '' : ` --data-dir ${dataDir}`;
  const command = (name: string): string => `./millrace ${name}${suffix}`;
  const configDir = join(dataDir, 'config');
  const { demo } = state;
  const input = {
    state,
    command,
    example: exampleMessage(configDir, demo),
    exampleLines: exampleLines(configDir, demo),
    exampleRegister: exampleRegister(configDir, demo),
  };
  terminal.line(welcome(input, terminal));
}
