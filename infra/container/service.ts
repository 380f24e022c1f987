/** The image's entry point: `service.ts <name>` becomes that service. Node runs it as it is, in the same process. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'services');
const [name = ''] = process.argv.slice(2);
const names = readdirSync(folder).filter((one) => existsSync(join(folder, one, 'dist', 'main.js')));

// What follows is for the service: its flags.
process.argv.splice(2, 1);

if (names.includes(name)) await import(join(folder, name, 'dist', 'main.js'));
else {
  console.error(`There is no service "${name}"; give one of ${names.join(', ')} as the command.`);
  process.exitCode = 64;
}
