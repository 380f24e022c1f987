/** Where the parts of a stack listen, as clients write it. */
import { components, type ComponentName } from './components/index.ts';
import { portOf } from './component.ts';
import { loopback, type Ports } from './ports.ts';

export type AddressName = ComponentName | 'smtp';
export type Addresses = Readonly<Partial<Record<AddressName, string>>>;

export function addressesOf(names: readonly ComponentName[], ports: Ports): Addresses {
  const addresses: Partial<Record<AddressName, string>> = {};
  for (const name of names) addresses[name] = components[name].address(ports);
  if (names.includes('mail')) addresses.smtp = `smtp://${loopback}:${portOf(ports, 'smtp')}`;
  return addresses;
}
