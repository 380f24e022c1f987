/**
 * The schema registry as services use it: committed schemas go in when a service starts, writers' schemas come out once
 * per id. A start waits for a registry that is away; what is already known goes on working without it.
 */
import { compatibilityOf, schemaTextOf, type Topic } from '@millrace/contracts';
import { type RetryOptions, retrying } from '@millrace/kernel';
import type { Schema } from 'avsc';
import { AvroCodec, idOrNoneOf } from './avro-codec.ts';
import { RegistryClient, type SubjectSchema } from './registry-client.ts';
import { WriterSchemas } from './writer-schemas.ts';

export interface RegistryOptions {
  /** Base address of the Confluent API, for instance `http://registry:8080/apis/ccompat/v7`. */
  readonly url: string;
  /** False: a schema that is not registered is an error instead of a reason to register it. */
  readonly mayRegister: boolean;
  /** Called before the registry is asked again while a codec is made. */
  readonly onRetry: NonNullable<RetryOptions['onRetry']>;
}

/** A registry starts in seconds; who waits for it looks every second. */
const retryDelays = { delayMsMin: 100, delayMsMax: 1_000 };

export class Registry {
  readonly #options: RegistryOptions;
  readonly #client: RegistryClient;
  readonly #writers: WriterSchemas;
  readonly #codecs = new Map<string, Promise<AvroCodec<unknown>>>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#client = new RegistryClient(options.url);
    this.#writers = new WriterSchemas((id) => this.#client.load(id));
  }

  /**
   * The codec of a topic's values; `T` is the type that is generated from its committed schema. Registers the schema, or
   * checks that it is registered, and waits for a registry that is away until `signal`. Throws `configuration_invalid`
   * when the registry refuses the schema or lacks it.
   */
  codec<T>(topic: Topic, signal: AbortSignal = new AbortController().signal): Promise<AvroCodec<T>> {
    const known = this.#codecs.get(topic.name);
    if (known) return known as Promise<AvroCodec<T>>;
    const codec = this.#newCodec(topic, signal);
    this.#codecs.set(topic.name, codec);
    codec.catch(() => this.#codecs.delete(topic.name));
    return codec as Promise<AvroCodec<T>>;
  }

  /**
   * Loads the schemas that the records name, so that a codec can decode them at once. Undefined: nothing to wait for,
   * which is the rule. Throws `registry_unavailable`. Ids the registry does not have are left to `decode` to report.
   */
  prepare(records: readonly { readonly value: Buffer | null }[]): Promise<void> | undefined {
    const ids: number[] = [];
    for (const { value } of records) {
      const id = value === null ? undefined : idOrNoneOf(value);
      if (id !== undefined && id !== ids.at(-1) && !ids.includes(id)) ids.push(id);
    }
    return this.#writers.decide(ids);
  }

  async #newCodec(topic: Topic, signal: AbortSignal): Promise<AvroCodec<unknown>> {
    const { mayRegister, onRetry } = this.#options;
    const schema = subjectSchemaOf(topic);
    const ask = (): Promise<number> => (mayRegister ? this.#client.register(schema) : this.#client.find(schema));
    const id = await retrying(ask, { ...retryDelays, onRetry }, signal);
    return new AvroCodec(JSON.parse(schema.text) as Schema, id, this.#writers);
  }
}

function subjectSchemaOf(topic: Topic): SubjectSchema {
  return { subject: `${topic.name}-value`, text: schemaTextOf(topic.name), compatibility: compatibilityOf(topic) };
}

/** A registry with the usual options: it may register, and waits silently. It is only asked when a codec is. */
export function connectRegistry(options: Partial<RegistryOptions> & Pick<RegistryOptions, 'url'>): Registry {
  return new Registry({ mayRegister: true, onRetry: () => undefined, ...options });
}
