import type { ConnectionConfig } from '@millrace/contracts';
import { expect, test } from 'vitest';
import { EnabledConnections } from './enabled-connections.ts';

const connection = (tenant: string, connectionId: string, enabled = true) =>
  ({ tenant, connectionId, enabled }) as unknown as ConnectionConfig;

test('what is switched off, of a tenant that is not active, or of others has no owner', () => {
  const states = new Map([['idle', 'suspended']]);
  const configuration = {
    version: 1,
    connections: new Map(
      [connection('acme', 'a'), connection('acme', 'b', false), connection('idle', 'c'), connection('other', 'd')].map(
        (one) => [`${one.tenant}/${one.connectionId}`, one],
      ),
    ),
    tenant: (tenant: string) => (states.has(tenant) ? { state: states.get(tenant)! } : undefined),
  };
  const enabled = new EnabledConnections(configuration, (tenant) => tenant !== 'other');
  expect([...enabled.keys()]).toEqual(['acme/a']);
  const { version } = enabled;
  configuration.version += 1;
  expect(enabled.version).toBe(version);
  states.set('idle', 'active');
  configuration.version += 1;
  expect(enabled.version).toBe(version + 1);
  expect([...enabled.keys()]).toEqual(['acme/a', 'idle/c']);
});
