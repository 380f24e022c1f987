/** Registrations on a database whose connections are cut in the middle: each is whole, or nothing of it is there. */
import { randomBytes } from 'node:crypto';
import { CredentialHasher, KeyedSecrets, SecretKey } from '@millrace/auth';
import { keptEntity, readEntity, type WrittenEntity } from '@millrace/config';
import { asMillraceError } from '@millrace/contracts';
import { Database, migrate, Outbox, RegistrationRows, ResourceRows } from '@millrace/control';
import { systemClock } from '@millrace/kernel';
import { newDatabase, type TestDatabase } from '@millrace/testkit/new-database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BuiltInAuthorities } from '../credentials/built-in-authorities.ts';
import { DeviceCertificates } from '../credentials/device-certificates.ts';
import { bodyOf } from '../resources/stored-body.ts';
import { RegistrationCredentials } from './registration-credentials.ts';
import { RegistrationSecrets } from './registration-secrets.ts';
import { Registrations } from './registrations.ts';

const tenant = 'north';
const key = new SecretKey(randomBytes(32));
const secrets = new KeyedSecrets(key);
const cutsMax = 40;
let made: TestDatabase;
let database: Database;
let registrations: Registrations;

const inTenant = <T>(work: (rows: ResourceRows, registered: RegistrationRows) => Promise<T>): Promise<T> =>
  database.ofTenant(tenant, (transaction) =>
    work(new ResourceRows(transaction, tenant), new RegistrationRows(transaction, tenant)),
  );

beforeAll(async () => {
  made = await newDatabase();
  database = new Database(made.url, () => undefined);
  await migrate(database);
  const put = async (rows: ResourceRows, entity: WrittenEntity, table: string, id: string, body: object) =>
    rows.create(table, id, bodyOf(keptEntity(entity, readEntity(entity, tenant, body), undefined, secrets)));
  await inTenant(async (rows) => {
    await put(rows, 'tenants', 'tenants', tenant, { tenant, name: tenant });
    await put(rows, 'products', 'products', 'pump', { productId: 'pump', name: 'Pump' });
  });
  const parts = { database, secrets, clock: systemClock };
  const certificates = new DeviceCertificates(parts, new BuiltInAuthorities(parts));
  const credentials = new RegistrationCredentials(secrets, certificates);
  registrations = new Registrations({ ...parts, hasher: new CredentialHasher(key), credentials });
}, 30_000);
afterAll(async () => {
  await database.close();
  await made.drop();
});

/** As a device does it: asks with the same claim until it has an answer. Gives its key, and how often the database was gone. */
async function persistent(secret: string, deviceUid: string): Promise<readonly [key: string, failed: number]> {
  const request = { deviceUid, claim: deviceUid.padEnd(32, '-'), credential: { kind: 'key' } } as const;
  for (let failed = 0; ; failed += 1)
    try {
      const outcome = await registrations.register(secret, request);
      if (outcome.kind !== 'enrolled' || outcome.credential.kind !== 'key') throw new Error('It was not let in.');
      return [outcome.credential.key, failed];
    } catch (error) {
      if (asMillraceError(error).code !== 'database_unavailable') throw error;
    }
}

test('whatever is cut, each device has the one credential of its last answer', { timeout: 60_000 }, async () => {
  const { secret } = await new RegistrationSecrets(database, secrets).create(tenant, {
    product_id: 'pump',
    name: '',
    expires_at: null,
    devices_max: 100,
    approval: false,
  });
  const uids = Array.from({ length: 40 }, (_, n) => `d${n}`);
  let working = true;
  const registering = Promise.all(uids.map((uid) => persistent(secret, uid))).finally(() => (working = false));
  for (let cuts = 0; working && cuts < cutsMax; cuts += 1) await made.cut();
  const answers = await registering;
  expect(answers.reduce((sum, [, failed]) => sum + failed, 0)).toBeGreaterThan(0);

  const [devices, credentials, registered] = await inTenant(async (rows, found) => [
    await rows.all('devices'),
    await rows.all('device_credentials'),
    await found.list({ filters: { state: 'enrolled' }, after: undefined, limit: 100 }),
  ]);
  expect(devices.map(({ id }) => id).toSorted()).toEqual(uids.toSorted());
  expect(credentials.map(({ body }) => body['hash'] as string).toSorted()).toEqual(
    answers.map(([text]) => secrets.hash(text)).toSorted(),
  );
  expect(registered.map(({ credential }) => credential?.['id'] as string).toSorted()).toEqual(
    credentials.map(({ id }) => id).toSorted(),
  );
  const changes = await new Outbox(database, []).behind(0n, 10_000);
  const last = new Map(changes.map(({ kind, id, body }) => [`${kind}/${id}`, body]));
  const live = [...last].filter(([name, body]) => name.startsWith('device_credentials/') && body !== null);
  expect(live).toHaveLength(uids.length);
});
