/** The published topics as an AsyncAPI 3.0 document, from Millrace's side: it sends, subscribers receive. */
import { compatibilityOf, deviceUidPattern, schemaOf, tenantPattern, type Topic } from '@millrace/contracts';
import { topicSettings } from '@millrace/kafka';
import { version } from '../stack/version.ts';
import { type AvroSchema, type AvroType } from './avro-schema.ts';
import { type GeneratedFile } from './generated-file.ts';
import { plainJson } from './plain-json.ts';
import { type HeaderNote, type PublishedTopic, publishedTopics } from './published-topics.ts';
import { orderOf, retentionOf } from './topic-words.ts';

/** Of the Kafka binding. */
const bindingVersion = '0.5.0';

export function asyncApiFile(): GeneratedFile {
  return { path: 'docs/asyncapi.json', text: `${JSON.stringify(asyncApiDocument(), null, 2)}\n` };
}

export function asyncApiDocument(): object {
  const published = publishedTopics();
  const byTopic = (make: (topic: PublishedTopic) => object) =>
    Object.fromEntries(published.map((one) => [one.topic.name, make(one)]));
  return {
    asyncapi: '3.0.0',
    id: 'urn:millrace:topics',
    info: {
      title: 'Millrace published topics',
      version,
      description:
        'What other systems subscribe to. Records are delivered at least once; how a repeat is recognised stands with each channel. ' +
        'Values are Avro behind the five bytes of the schema registry. docs/topics.md says the same for people.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/avro',
    servers: { local: localServer },
    channels: byTopic(channelOf),
    operations: byTopic(operationOf),
    components: { messages: Object.fromEntries(published.map((one) => [messageName(one.topic), messageOf(one)])) },
  };
}

const localServer = {
  host: '{brokers}',
  protocol: 'kafka',
  description: 'The stack of ./millrace up; ./millrace status prints its addresses.',
  variables: { brokers: { default: '127.0.0.1:18000', description: 'Host and port of a broker.' } },
  bindings: {
    kafka: {
      schemaRegistryUrl: 'http://127.0.0.1:18002/apis/ccompat/v7',
      schemaRegistryVendor: 'confluent',
      bindingVersion,
    },
  },
};

function channelOf({ topic, repeats, transactional }: PublishedTopic): object {
  const { 'cleanup.policy': cleanupPolicy, ...settings } = topicSettings(topic);
  return {
    address: topic.name,
    title: topic.name,
    summary: recordOf(topic).doc,
    description: [
      `Order: ${orderOf(topic)} Retention: ${retentionOf(topic)} Repeats: ${repeats}`,
      ...(transactional ? ['Written in transactions: read with isolation.level=read_committed.'] : []),
    ].join(' '),
    messages: { [messageName(topic)]: { $ref: `#/components/messages/${messageName(topic)}` } },
    bindings: {
      kafka: {
        topic: topic.name,
        partitions: topic.partitions,
        topicConfiguration: { 'cleanup.policy': [cleanupPolicy], ...settings },
        bindingVersion,
      },
    },
    'x-owner': topic.owner,
    'x-compatibility': compatibilityOf(topic),
  };
}

function operationOf({ topic }: PublishedTopic): object {
  const channel = `#/channels/${topic.name}`;
  return {
    action: 'send',
    channel: { $ref: channel },
    summary: `The ${topic.owner} writes ${topic.name}.`,
    messages: [{ $ref: `${channel}/messages/${messageName(topic)}` }],
  };
}

function messageOf({ topic, headers, example }: PublishedTopic): object {
  const schema = schemaOf(topic.name) as AvroSchema;
  const hasHeaders = Object.keys(headers).length > 0;
  return {
    name: messageName(topic),
    title: recordOf(topic).doc,
    contentType: 'application/avro',
    ...(hasHeaders && { headers: headersSchema(headers) }),
    payload: { schemaFormat: 'application/vnd.apache.avro+json;version=1.9.0', schema },
    bindings: {
      kafka: {
        key: keySchema(topic),
        schemaIdLocation: 'payload',
        schemaIdPayloadEncoding: 'confluent',
        schemaLookupStrategy: 'TopicNameStrategy',
        bindingVersion,
      },
    },
    examples: [
      {
        name: 'printed',
        summary: `As the example subscribers print it; its key is ${example.key}.`,
        ...(hasHeaders && { headers: examplesOf(headers) }),
        payload: plainJson(example.value, schema),
      },
    ],
  };
}

function headersSchema(headers: Readonly<Record<string, HeaderNote>>): object {
  const properties = Object.entries(headers).map(([name, { meaning }]) => [
    name,
    { type: 'string', description: meaning },
  ]);
  return { type: 'object', properties: Object.fromEntries(properties), required: Object.keys(headers) };
}

function examplesOf(headers: Readonly<Record<string, HeaderNote>>): object {
  return Object.fromEntries(Object.entries(headers).map(([name, { example }]) => [name, example]));
}

function keySchema({ key }: Topic): object {
  if (key === 'event id') return { type: 'string', pattern: '^[0-9a-f]{32}$', description: 'Event id in hex.' };
  const inner = (pattern: RegExp): string => pattern.source.replace(/^\^|\$$/g, '');
  const pattern = `^${inner(tenantPattern)}/${inner(deviceUidPattern)}$`;
  return { type: 'string', pattern, description: `${key}, UTF-8.` };
}

/** Every value is a record. */
function recordOf(topic: Topic): AvroType {
  return schemaOf(topic.name) as AvroType;
}

function messageName(topic: Topic): string {
  return recordOf(topic).name ?? topic.name;
}
