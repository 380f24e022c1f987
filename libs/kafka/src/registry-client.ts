/** The three questions we have to the schema registry, asked through the Confluent client, and what its answers mean. */
import { type Compatibility, MillraceError } from '@millrace/contracts';
import confluent from '@kafkajs/confluent-schema-registry';
import type { Type } from 'avsc';
import { reasonOf } from './kafka-errors.ts';

/** A registry that does not answer within this time counts as away. */
const requestMsMax = 3_000;

/** Given in full, always: the client keeps what it is given as the default of every later instance. */
const noRetries = { maxRetryTimeInSecs: 1, initialRetryTimeInSecs: 0.1, factor: 0.2, multiplier: 2, retries: 0 };

const { COMPATIBILITY, SchemaRegistry, SchemaType } = confluent;

/** One schema of one subject, and what later schemas of the subject must be compatible with. */
export interface SubjectSchema {
  readonly subject: string;
  /** Avro schema as JSON. */
  readonly text: string;
  readonly compatibility: Compatibility;
}

export class RegistryClient {
  readonly #url: string;
  readonly #registry: InstanceType<typeof SchemaRegistry>;

  constructor(url: string) {
    this.#url = url;
    this.#registry = new SchemaRegistry({
      host: url,
      clientId: 'millrace',
      retry: noRetries,
      middlewares: [() => ({ prepareRequest: async (next) => (await next()).enhance({ timeout: requestMsMax }) })],
    });
  }

  /** The id of the schema, registered if it is new. Throws `configuration_invalid` when the subject does not take it. */
  async register(wanted: SubjectSchema): Promise<number> {
    const { subject, text, compatibility } = wanted;
    try {
      const schema = { type: SchemaType.AVRO, schema: text } as const;
      const { id } = await this.#registry.register(schema, { subject, compatibility: COMPATIBILITY[compatibility] });
      return id;
    } catch (error) {
      if (saysUnset(error)) {
        await this.#setCompatibility(wanted);
        return this.register(wanted);
      }
      if (saysAlreadySet(error)) throw away(error);
      if (statusOf(error) === 409 || nameOf(error) === 'ConfluentSchemaRegistryCompatibilityError')
        throw wrong(`Subject ${subject} does not take the schema: ${reasonOf(error)}`, error);
      throw away(error);
    }
  }

  /** The id of the schema; throws `configuration_invalid` when the subject does not have it. */
  async find({ subject, text }: SubjectSchema): Promise<number> {
    try {
      return await this.#registry.getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema: text });
    } catch (error) {
      if (nameOf(error) === 'ConfluentSchemaRegistryError')
        throw wrong(`Subject ${subject} does not have the schema: register it, or let the service do so.`, error);
      throw away(error);
    }
  }

  /**
   * The client registers a new subject first and sets its compatibility then: between the two, and for ever when the
   * service died there, others find none. Throws `registry_unavailable`, also when another service sets it just now.
   */
  async #setCompatibility({ subject, compatibility }: SubjectSchema): Promise<void> {
    try {
      const { ok, status } = await fetch(`${this.#url}/config/${encodeURIComponent(subject)}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        body: JSON.stringify({ compatibility }),
        signal: AbortSignal.timeout(requestMsMax),
      });
      if (!ok) throw new Error(`Setting the compatibility of ${subject} was answered with ${status}.`);
    } catch (error) {
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

function isAvro(schema: unknown): schema is Type {
  return typeof schema === 'object' && schema !== null && 'createResolver' in schema;
}

function statusOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'status') : undefined;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function saysUnset(error: unknown): boolean {
  return nameOf(error) === 'ConfluentSchemaRegistryCompatibilityError' && reasonOf(error).includes('!= NONE)');
}

/** Apicurio's answer when two services set the compatibility of a new subject at once: the next try finds it set. */
function saysAlreadySet(error: unknown): boolean {
  return statusOf(error) === 409 && reasonOf(error).includes('already exists');
}

function wrong(detail: string, cause: unknown): MillraceError {
  return new MillraceError('configuration_invalid', detail, { cause });
}

function away(cause: unknown): MillraceError {
  return new MillraceError('registry_unavailable', `The schema registry failed: ${reasonOf(cause)}`, { cause });
}
