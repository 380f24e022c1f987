/**
 * Which addresses may be called for a tenant. Whoever configures a channel or an issuer names its URL, so without a guard he could let us ask
 * what only we can reach: the metadata service of a cloud, a database, the loopback (server-side request forgery).
 */
import { BlockList, isIP } from 'node:net';

/** Not of the public internet (IANA IPv4 Special-Purpose Address Registry, multicast, reserved). */
const forbidden4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/** In IPv6 the public internet is one block, and parts of it carry IPv4 addresses or are documentation. */
const global6 = ['2000::', 3] as const;
const forbidden6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const forbidden = new BlockList();
for (const [network, prefix] of forbidden4) forbidden.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of forbidden6) forbidden.addSubnet(network, prefix, 'ipv6');
const global = new BlockList();
global.addSubnet(...global6, 'ipv6');

/** An address of the public internet; `address` is an IP address without brackets. */
export function isPublic(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !forbidden.check(address, 'ipv4');
    case 6:
      return global.check(address, 'ipv6') && !forbidden.check(address, 'ipv6');
    default:
      return false;
  }
}
