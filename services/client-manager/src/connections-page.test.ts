/** docs/connections.md: its examples are connections that can be opened. */
import { readFileSync } from 'node:fs';
import { entityKinds, type EntityFile } from '@millrace/config';
import { checkConnection, connectorKinds } from '@millrace/connectors';
import { testAuthority } from '@millrace/testkit/certificates';
import { expect, test } from 'vitest';
import { openedConnection } from './opened-connection.ts';

const page = readFileSync(new URL('../../../docs/connections.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text]) => JSON.parse(text!) as object[]);
const authority = await testAuthority('CN=Test authority');

interface Example {
  readonly kind: string;
  readonly connectionId: string;
  readonly password?: string;
  readonly headers?: object;
  readonly tls?: object;
}

/** The page shows where certificates stand, not whole ones. */
function withCertificates<T extends { readonly tls?: object }>(connection: T): T {
  if (!connection.tls) return connection;
  const { certificate: cert, key } = authority;
  return { ...connection, tls: { ca: cert, cert, key } };
}

test.each(examples.flat() as Example[])('the $kind connection "$connectionId" is one that can be opened', (example) => {
  const { file, publish } = entityKinds.connections;
  const connection = file.parse(withCertificates(example)) as EntityFile<'connections'>;
  const secrets = { hash: (secret: string) => secret, seal: (secret: string) => Buffer.from(secret) };
  const published = publish(connection, undefined, secrets);
  const opened = openedConnection(published, { open: (sealed) => Buffer.from(sealed).toString() });
  expect(checkConnection(opened).isShared).toBe(false);
  expect({ password: opened.password, headers: opened.headers ?? {} }).toEqual({
    password: example.password ?? null,
    headers: example.headers ?? {},
  });
});

test('the page has an example of each kind', () => {
  const kinds = new Set(examples.flat().map((one) => Reflect.get(one, 'kind') as string));
  expect([...kinds].toSorted()).toEqual(connectorKinds.toSorted());
});
