/** Where the parts of a stack listen, as clients write it: with the password where one is asked for. */
import { join } from 'node:path';
import { components, type ComponentName } from './components/index.ts';
import { type Component, isGuarded, portOf } from './component.ts';
import { loopback, type Ports } from './ports.ts';

export type AddressName = ComponentName | 'smtp';
export type Addresses = Readonly<Partial<Record<AddressName, string>>>;

export function addressesOf(names: readonly ComponentName[], ports: Ports, dataDir: string): Addresses {
  const addresses: Partial<Record<AddressName, string>> = {};
  for (const name of names) addresses[name] = addressOf(components[name], ports, join(dataDir, name));
  if (names.includes('mail')) addresses.smtp = `smtp://${loopback}:${portOf(ports, 'smtp')}`;
  return addresses;
}

function addressOf(component: Component, ports: Ports, folder: string): string {
  return isGuarded(component) ? component.addressWithPassword(ports, folder) : component.address(ports);
}
