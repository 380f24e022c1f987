/** The configuration that a service follows, and its reports of how far it is. */
import {
  entityKinds,
  type EntityName,
  followConfiguration,
  type FollowedConfiguration,
  PositionReporter,
  type PositionReporterParts,
} from '@millrace/config';
import { type ConfigurationPosition, type Topic, topics } from '@millrace/contracts';
import type { Kafka, Registry } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import type { Log } from '@millrace/observe';

/** Reading the configuration takes a second; a start that cannot is repeated by whoever supervises the process. */
const configurationMsMax = 60_000;

/** What has to exist for a service that follows these entities. */
export function configurationTopics(entities: readonly EntityName[]): readonly Topic[] {
  if (entities.length === 0) return [];
  return [...entities.map((entity) => entityKinds[entity].topic), topics.configPublished, topics.configPositions];
}

export class FollowedPart {
  readonly configuration: FollowedConfiguration | undefined;
  readonly #registry: Registry;
  #reporter: PositionReporter | undefined;

  private constructor(configuration: FollowedConfiguration | undefined, registry: Registry) {
    this.configuration = configuration;
    this.#registry = registry;
  }

  /** Resolves when the topics of the entities were read; nothing is followed when there are none. */
  static async open(
    kafka: Kafka,
    registry: Registry,
    entities: readonly EntityName[],
    signal: AbortSignal,
  ): Promise<FollowedPart> {
    if (entities.length === 0) return new FollowedPart(undefined, registry);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(configurationMsMax)]);
    return new FollowedPart(await followConfiguration(kafka, registry, entities, limit), registry);
  }

  /** From now on others can know how far this instance is. */
  async report(
    reporting: Pick<PositionReporterParts, 'service' | 'instance' | 'producer' | 'work'>,
    log: Log,
  ): Promise<void> {
    const followed = this.configuration;
    if (!followed) return;
    const codec = await this.#registry.codec<ConfigurationPosition>(topics.configPositions);
    const onFailure = (error: unknown): void =>
      log.write('warn', 'The configuration position was not reported.', { error });
    this.#reporter = new PositionReporter({
      ...reporting,
      followed,
      codec,
      clock: systemClock,
      onFailure,
    });
    this.#reporter.start();
  }

  /** Takes the report back. While the producer is open. */
  async close(): Promise<void> {
    await Promise.all([this.#reporter?.stop(), this.configuration?.close()]);
  }
}
