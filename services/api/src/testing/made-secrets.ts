/** Has the api make every secret that it makes, and gives each to the canaries. */
import { randomUUID } from 'node:crypto';
import { KeyedSecrets, SecretKey } from '@millrace/auth';
import { authorityKeyPurpose } from '@millrace/auth/certificate-authority';
import { CertificateRows, Database } from '@millrace/control';
import { testAddresses } from '@millrace/testkit';
import { expect } from 'vitest';
import type { ApiUnderTest } from './api-under-test.ts';
import type { Canaries } from './canaries.ts';

type Json = Readonly<Record<string, unknown>>;

/** Of PEM: the lines in which the secret numbers stand. */
const keyLines = (pem: string): readonly string[] => pem.split('\n').filter((line) => line.length === 64);

/** The part behind the id of a key, or all of it. */
const secretPart = (text: unknown): string => (text as string).split('.').at(-1)!;

async function made(
  api: ApiUnderTest,
  path: string,
  body?: object,
  headers?: Readonly<Record<string, string>>,
): Promise<Json> {
  const response = await api.send('POST', path, body, headers);
  const answer = (await response.json()) as Json;
  expect(response.ok, `${path}: ${JSON.stringify(answer)}`).toBe(true);
  return answer;
}

/** Keys and passwords, each asked for twice under one Idempotency-Key. */
export async function makeSecrets(api: ApiUnderTest, canaries: Canaries): Promise<void> {
  const twice = async (member: string, path: string, body?: object): Promise<Json> => {
    const headers = { 'idempotency-key': randomUUID() };
    let answer: Json = {};
    for (const time of ['first', 'second']) {
      answer = await made(api, path, body, headers);
      canaries.add(`${path}, ${time} time`, secretPart(answer[member]));
    }
    return answer;
  };
  const { keyId } = await twice('key', '/v1/api-keys', { scopes: ['read'] });
  await twice('key', `/v1/api-keys/${keyId as string}/rotate`, {});
  await twice('key', '/v1/device-credentials', { deviceUid: 'd1', kind: 'key' });
  await twice('password', '/v1/devices/d1/password');
}

/** A key of a certificate, and the key of the authority, which no answer shows: it is opened where it is kept. */
export async function makeCertificates(api: ApiUnderTest, canaries: Canaries): Promise<void> {
  await made(api, '/v1/certificate-authorities/built-in');
  const { privateKey } = await made(api, '/v1/devices/d1/certificates');
  for (const line of keyLines(privateKey as string)) canaries.add('key of a certificate', line);
  const secrets = new KeyedSecrets(SecretKey.fromEnvironment(api.secretKey));
  const database = new Database(testAddresses.postgres, () => undefined);
  const found = await database.ofTenant(api.tenant, (transaction) =>
    new CertificateRows(transaction, api.tenant).newestKey(),
  );
  await database.close();
  const purpose = authorityKeyPurpose({ tenant: api.tenant, authorityId: 'built-in' });
  const lines = keyLines(secrets.open(found!.sealed, purpose));
  expect(lines).not.toEqual([]);
  for (const line of lines) canaries.add('key of an authority', line);
}

/** The secret of a product, the claims of two devices, and what they get. */
export async function registerDevices(api: ApiUnderTest, canaries: Canaries): Promise<void> {
  const { secret } = await made(api, '/v1/registration-secrets', { productId: 'pump', approval: false });
  canaries.add('registration secret', secretPart(secret));
  const headers = { authorization: `Bearer ${secret as string}` };
  for (const [deviceUid, kind] of [
    ['r1', 'key'],
    ['r2', 'password'],
  ] as const) {
    const claim = canaries.make(`claim of ${deviceUid}`).padEnd(32, '-');
    const body = { deviceUid, claim, credential: { kind } };
    const { credential } = await made(api, '/v1/registrations', body, headers);
    canaries.add(`${kind} of a registration`, secretPart((credential as Json)[kind]));
    const wrong = { ...body, claim: canaries.make(`wrong claim of ${deviceUid}`).padEnd(32, '-') };
    expect((await api.send('POST', '/v1/registrations', wrong, headers)).status).toBe(403);
  }
}
