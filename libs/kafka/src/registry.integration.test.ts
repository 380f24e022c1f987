import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TenantConfig, topics } from '@millrace/contracts';
import { retrying } from '@millrace/kernel';
import { testAddresses } from '@millrace/testkit';
import type { Schema } from 'avsc';
import { afterEach, expect, test } from 'vitest';
import { AvroCodec } from './avro-codec.ts';
import { RegistryClient, type SubjectSchema } from './registry-client.ts';
import { connectRegistry } from './registry.ts';
import { newName } from './test-stream.ts';
import { WriterSchemas } from './writer-schemas.ts';

const client = new RegistryClient(testAddresses.registry);
const servers: Server[] = [];
const tenant: TenantConfig = {
  tenant: 'demo',
  name: 'Demo',
  retentionClass: '30d',
  ownTable: false,
  state: 'active',
  quotas: null,
};
afterEach(() => servers.splice(0).forEach((server) => server.close()));

interface Reading {
  readonly name: string;
  readonly unit?: string;
}

function readingSchema(...more: readonly { name: string; type: string; default?: string }[]): Schema {
  return { type: 'record', name: 'Reading', fields: [{ name: 'name', type: 'string' }, ...more] };
}

function subjectSchema(subject: string, schema: Schema): SubjectSchema {
  return { subject, text: JSON.stringify(schema), compatibility: 'FULL_TRANSITIVE' };
}

/** A registry in front of the real one that can be away. */
async function flakyRegistry(): Promise<{ readonly url: string; away: boolean; requests: number }> {
  const flaky = { url: '', away: true, requests: 0 };
  const server = createServer((request, response) => {
    flaky.requests += 1;
    if (flaky.away) return void response.writeHead(503).end('{}');
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const { method = 'GET', headers } = request;
        const body = method === 'GET' ? null : Buffer.concat(chunks);
        void fetch(testAddresses.registry + request.url, {
          method,
          body,
          headers: { 'content-type': headers['content-type'] ?? 'application/json' },
        }).then(async (answer) => response.writeHead(answer.status).end(await answer.text()));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  flaky.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return flaky;
}

test('the committed schema of a topic is registered once and its values come back', async () => {
  const registry = connectRegistry({ url: testAddresses.registry });
  const codec = await registry.codec<TenantConfig>(topics.configTenants);
  const again = await connectRegistry({ url: testAddresses.registry }).codec<TenantConfig>(topics.configTenants);
  expect(again.encode(tenant).readInt32BE(1)).toBe(codec.encode(tenant).readInt32BE(1));
  expect(again.decode(codec.encode(tenant))).toEqual(tenant);
});

test('what we publish can only change compatibly in both directions', async () => {
  await connectRegistry({ url: testAddresses.registry }).codec(topics.points);
  const config = await fetch(`${testAddresses.registry}/config/${topics.points.name}-value`);
  expect(await config.json()).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });
});

test('a service that died between a schema and its compatibility leaves a subject that the next one completes', async () => {
  const subject = `${newName()}-value`;
  const wanted = subjectSchema(subject, readingSchema());
  await fetch(`${testAddresses.registry}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: wanted.text }),
  });
  // A registry that has just started may take longer than a request waits; services ask again.
  const delays = { delayMsMin: 50, delayMsMax: 500 };
  await retrying(() => client.register(wanted), delays, new AbortController().signal);
  const config = await fetch(`${testAddresses.registry}/config/${subject}`);
  expect(await config.json()).toMatchObject({ compatibilityLevel: 'FULL_TRANSITIVE' });
});

test('services that start together register the same schema under one id', async () => {
  const wanted = subjectSchema(`${newName()}-value`, readingSchema());
  const options = { delayMsMin: 10, delayMsMax: 100 };
  const start = () =>
    retrying(() => new RegistryClient(testAddresses.registry).register(wanted), options, new AbortController().signal);
  const ids = await Promise.all(Array.from({ length: 8 }, start));
  expect(new Set(ids).size).toBe(1);
});

test('a schema that the subject does not take stops the start and says which', async () => {
  const subject = `${newName()}-value`;
  await client.register(subjectSchema(subject, readingSchema()));
  const incompatible = client.register(subjectSchema(subject, readingSchema({ name: 'unit', type: 'string' })));
  await expect(incompatible).rejects.toMatchObject({
    code: 'configuration_invalid',
    message: expect.stringContaining(subject),
  });
});

test('where nothing may be registered, a missing schema stops the start and says which', async () => {
  const subject = `${newName()}-value`;
  const missing = client.find(subjectSchema(subject, readingSchema()));
  await expect(missing).rejects.toMatchObject({
    code: 'configuration_invalid',
    message: expect.stringContaining(subject),
  });
  const id = await client.register(subjectSchema(subject, readingSchema()));
  expect(await client.find(subjectSchema(subject, readingSchema()))).toBe(id);
});

test('records of older and newer writers are read with our schema', async () => {
  const subject = `${newName()}-value`;
  const newer = readingSchema({ name: 'unit', type: 'string', default: 'm' });
  const oldId = await client.register(subjectSchema(subject, readingSchema()));
  const newId = await client.register(subjectSchema(subject, newer));
  const writers = new WriterSchemas((id) => client.load(id));
  const oldCodec = new AvroCodec<Reading>(readingSchema(), oldId, writers);
  const newCodec = new AvroCodec<Reading>(newer, newId, writers);
  await writers.decide([oldId, newId]);
  expect(newCodec.decode(oldCodec.encode({ name: 'level' }))).toMatchObject({ name: 'level', unit: 'm' });
  expect(oldCodec.decode(newCodec.encode({ name: 'level', unit: 'cm' }))).toEqual({ name: 'level' });
});

test('an id that the registry does not have is a dead letter', async () => {
  const registry = connectRegistry({ url: testAddresses.registry });
  const codec = await registry.codec<TenantConfig>(topics.configTenants);
  const foreign = Buffer.from([0, 0x7f, 0xff, 0xff, 0xf0, 1, 2, 3]);
  await registry.prepare([{ value: foreign }]);
  expect(() => codec.decode(foreign)).toThrow(expect.objectContaining({ code: 'unknown_schema', retry: 'never' }));
});

test('a start waits for a registry that is away', async () => {
  const flaky = await flakyRegistry();
  const attempts: number[] = [];
  const registry = connectRegistry({
    url: flaky.url,
    onRetry: (_error, attempt) => {
      attempts.push(attempt);
      flaky.away = attempt < 2;
    },
  });
  const codec = await registry.codec<TenantConfig>(topics.configTenants);
  expect(attempts).toEqual([1, 2]);
  expect(codec).toBeInstanceOf(AvroCodec);
});

test('while the registry is away an id it was not asked for yet is tried later, and known ones go on', async () => {
  const flaky = await flakyRegistry();
  flaky.away = false;
  const registry = connectRegistry({ url: flaky.url });
  const codec = await registry.codec<TenantConfig>(topics.configTenants);
  const known = codec.encode(tenant);
  const otherId = await client.register(subjectSchema(`${newName()}-value`, readingSchema()));
  const other = Buffer.concat([Buffer.from([0]), int32(otherId), Buffer.from([2, 97])]);
  flaky.away = true;
  await expect(registry.prepare([{ value: known }, { value: other }])).rejects.toMatchObject({
    code: 'registry_unavailable',
    retry: 'later',
  });
  expect(codec.decode(known)).toEqual(tenant);
});

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
