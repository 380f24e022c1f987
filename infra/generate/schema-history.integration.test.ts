/** The registry judges as our own check does, so that what is committed is also taken where it is deployed. */
import { randomUUID } from 'node:crypto';
import { testAddresses } from '@millrace/testkit';
import { expect, test } from 'vitest';
import { type AvroSchema } from './avro-schema.ts';
import { compatibleChanges, incompatibleChanges, type SchemaChange } from './testing/schema-changes.ts';

test.each(compatibleChanges)('$what: the registry takes it', async (change) => {
  expect(await statusOf(change)).toBe(200);
});

test.each(incompatibleChanges)('$what: the registry refuses it', async (change) => {
  expect(await statusOf(change)).toBe(409);
});

/** Of the answer to the second version of a subject of its own. */
async function statusOf({ from, to }: SchemaChange): Promise<number> {
  const subject = `${randomUUID()}-value`;
  expect(await ask('POST', `subjects/${subject}/versions`, { schema: JSON.stringify(from) })).toBe(200);
  expect(await ask('PUT', `config/${subject}`, { compatibility: 'FULL_TRANSITIVE' })).toBe(200);
  return ask('POST', `subjects/${subject}/versions`, { schema: JSON.stringify(to satisfies AvroSchema) });
}

async function ask(method: string, path: string, body: object): Promise<number> {
  const response = await fetch(`${testAddresses.registry}/${path}`, {
    method,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  await response.arrayBuffer();
  return response.status;
}
