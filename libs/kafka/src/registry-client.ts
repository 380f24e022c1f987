/** The three questions we have to the schema registry, asked through the Confluent client, and what its answers mean. */
import { MillraceError, schemaTextOf, type Topic } from '@millrace/contracts';
import confluent from '@kafkajs/confluent-schema-registry';
import type { Type } from 'avsc';
import { reasonOf } from './kafka-errors.ts';

/** A registry that does not answer within this time counts as away. */
const requestMsMax = 3_000;

/** Given in full, always: the client keeps what it is given as the default of every later instance. */
const noRetries = { maxRetryTimeInSecs: 1, initialRetryTimeInSecs: 0.1, factor: 0.2, multiplier: 2, retries: 0 };

const { COMPATIBILITY, SchemaRegistry, SchemaType } = confluent;

export class RegistryClient {
  readonly #registry: InstanceType<typeof SchemaRegistry>;

  constructor(url: string) {
    this.#registry = new SchemaRegistry({
      host: url,
      clientId: 'millrace',
      retry: noRetries,
      middlewares: [() => ({ prepareRequest: async (next) => (await next()).enhance({ timeout: requestMsMax }) })],
    });
  }

  /**
   * Registers the committed schema of the topic's values, or finds that it already is. What we publish stays compatible in
   * both directions with every version there ever was; what is internal need only be readable by the next version.
   */
  async register({ name, audience }: Topic): Promise<number> {
    const compatibility = audience === 'published' ? COMPATIBILITY.FULL_TRANSITIVE : COMPATIBILITY.BACKWARD;
    try {
      const { id } = await this.#registry.register(avro(name), { subject: subjectOf(name), compatibility });
      return id;
    } catch (error) {
      if (statusOf(error) === 409 || nameOf(error) === 'ConfluentSchemaRegistryCompatibilityError')
        throw wrong(`Subject ${subjectOf(name)} does not take the schema: ${reasonOf(error)}`, error);
      throw away(error);
    }
  }

  /** The id of the committed schema; throws `configuration_invalid` when it is not registered. */
  async find({ name }: Topic): Promise<number> {
    try {
      return await this.#registry.getRegistryIdBySchema(subjectOf(name), avro(name));
    } catch (error) {
      if (nameOf(error) === 'ConfluentSchemaRegistryError')
        throw wrong(
          `Subject ${subjectOf(name)} does not have the schema: register it, or let the service do so.`,
          error,
        );
      throw away(error);
    }
  }

  /** The schema of an id; throws `unknown_schema` or `registry_unavailable`. */
  async load(id: number): Promise<Type> {
    let schema: unknown;
    try {
      schema = await this.#registry.getSchema(id);
    } catch (error) {
      if (statusOf(error) === 404) throw new MillraceError('unknown_schema', `The registry has no schema ${id}.`);
      throw away(error);
    }
    if (isAvro(schema)) return schema;
    throw new MillraceError('unknown_schema', `Schema ${id} is not an Avro schema.`);
  }
}

function subjectOf(topicName: string): string {
  return `${topicName}-value`;
}

function avro(topicName: string): { type: typeof SchemaType.AVRO; schema: string } {
  return { type: SchemaType.AVRO, schema: schemaTextOf(topicName) };
}

function isAvro(schema: unknown): schema is Type {
  return typeof schema === 'object' && schema !== null && 'createResolver' in schema;
}

function statusOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'status') : undefined;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function wrong(detail: string, cause: unknown): MillraceError {
  return new MillraceError('configuration_invalid', detail, { cause });
}

function away(cause: unknown): MillraceError {
  return new MillraceError('registry_unavailable', `The schema registry failed: ${reasonOf(cause)}`, { cause });
}
