import asyncapi from '@asyncapi/specs';
import { schemaOf, topics } from '@millrace/contracts';
import { Ajv } from 'ajv';
import avro from 'avsc';
import { expect, test } from 'vitest';
import { asyncApiDocument } from './asyncapi.ts';
import { publishedTopics } from './published-topics.ts';

interface Document {
  readonly channels: Readonly<Record<string, { readonly address: string }>>;
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly payload: { readonly schema: object } }>>;
  };
}

const document = asyncApiDocument() as Document;

test('the document is one of AsyncAPI 3.0.0 with the Kafka bindings, as the specification has it', () => {
  // The specification brings its own meta-schema.
  const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false });
  const isValid = ajv.compile(asyncapi.schemas['3.0.0'] as object);
  isValid(document);
  expect(isValid.errors).toBeNull();
});

test('every reference leads somewhere', () => {
  const references = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g);
  for (const [, path = ''] of references) {
    const found = path.split('/').reduce<unknown>((node, name) => (node as Record<string, unknown>)?.[name], document);
    expect(found, path).toBeDefined();
  }
});

test('every published topic has its channel, and no internal one', () => {
  const published = Object.values(topics).filter(({ audience }) => audience === 'published');
  expect(Object.values(document.channels).map(({ address }) => address)).toEqual(published.map(({ name }) => name));
});

test('a payload is the schema of its topic, as every Avro reader takes it', () => {
  for (const { topic } of publishedTopics()) {
    const payloads = Object.values(document.components.messages).map(({ payload }) => payload.schema);
    expect(payloads).toContainEqual(schemaOf(topic.name));
  }
});

test('an example is a value of its schema', () => {
  for (const { topic, example } of publishedTopics()) {
    const type = avro.Type.forSchema(schemaOf(topic.name));
    const wrong: string[] = [];
    type.isValid(example.value, { errorHook: (path) => wrong.push(path.join('.')) });
    expect([topic.name, wrong]).toEqual([topic.name, []]);
    expect(structuredClone(type.fromBuffer(type.toBuffer(example.value)))).toEqual(structuredClone(example.value));
  }
});
