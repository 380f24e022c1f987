/** The catalogue of topics: creation, registry subjects and reference pages are made from it. */
import { configTopicNames } from './generated/config-topic-names.ts';

export interface Topic {
  /** `domain.entity.vN`; the registry's subject is `<name>-value`. */
  readonly name: string;
  readonly key:
    | 'explicit partition'
    | 'tenant/deviceUid'
    | 'tenant/subject'
    | 'tenant/connectionId'
    | 'entity id'
    | 'event id'
    | 'topic/partition'
    | 'service/instance'
    | 'process'
    | 'same as source';
  /** Never changes after creation; topics that are joined share it. */
  readonly partitions: number;
  /** Hours a record is kept; 'compacted': the last record of each key is kept. */
  readonly retention: number | 'compacted';
  /** The one service that writes it. */
  readonly owner: Service | 'every service' | 'every consumer';
  readonly audience: 'published' | 'internal';
  /** Dead-letter topics hold raw bytes: they have no schema of their own. */
  readonly schema: boolean;
}

export type Service =
  | 'gateway'
  | 'client-manager'
  | 'parser'
  | 'historian'
  | 'alarm-evaluator'
  | 'statistics-scheduler'
  | 'notifier'
  | 'api';

/** As many instances of a service can share the work; more cost every batch more. See ADR 011. */
const devicePartitions = 6;

const day = 24;

const device = { key: 'tenant/deviceUid', partitions: devicePartitions, schema: true } as const;
const config = { key: 'entity id', partitions: 1, retention: 'compacted', audience: 'internal', schema: true } as const;

export const topics = {
  raw: topic('telemetry.raw.v1', {
    ...device,
    key: 'explicit partition',
    retention: 7 * day,
    owner: 'gateway',
    audience: 'internal',
  }),
  /** Raw messages of devices whose scripts are slow or over budget; in the partitions of the raw topic. See ADR 029. */
  parked: topic('telemetry.parked.v1', { ...device, retention: 7 * day, owner: 'parser', audience: 'internal' }),
  points: topic('telemetry.points.v1', { ...device, retention: 3 * day, owner: 'parser', audience: 'published' }),
  alarmEvents: topic('alarm.events.v1', {
    ...device,
    retention: 90 * day,
    owner: 'alarm-evaluator',
    audience: 'published',
  }),
  alarmStates: topic('alarm.states.v1', {
    ...device,
    retention: 'compacted',
    owner: 'alarm-evaluator',
    audience: 'published',
  }),
  statisticResults: topic('statistics.results.v1', {
    ...device,
    key: 'tenant/subject',
    retention: 90 * day,
    owner: 'statistics-scheduler',
    audience: 'published',
  }),
  notificationAttempts: topic('notification.attempts.v1', {
    key: 'event id',
    partitions: devicePartitions,
    retention: 90 * day,
    owner: 'notifier',
    audience: 'published',
    schema: true,
  }),
  ...configurationTopics(),
  configConnections: topic(configTopicNames.configConnections, { ...config, owner: 'client-manager' }),
  /** Who owns a connection, and since which offsets of the raw topic. See ADR 035. */
  connectionClaims: topic('connection.claims.v1', { ...config, key: 'tenant/connectionId', owner: 'client-manager' }),
  configPublished: topic('config.published.v1', { ...config, key: 'topic/partition', owner: 'api' }),
  configPositions: topic('config.positions.v1', { ...config, key: 'service/instance', owner: 'every service' }),
  quotaUsage: topic('quota.usage.v1', {
    key: 'process',
    partitions: 1,
    retention: day,
    owner: 'gateway',
    audience: 'internal',
    schema: true,
  }),
  rawDeadLetters: deadLetters('telemetry.raw.v1'),
  parkedDeadLetters: deadLetters('telemetry.parked.v1'),
  pointsDeadLetters: deadLetters('telemetry.points.v1'),
  alarmEventsDeadLetters: deadLetters('alarm.events.v1'),
  statisticResultsDeadLetters: deadLetters('statistics.results.v1'),
} as const satisfies Record<string, Topic>;

export type TopicName = (typeof topics)[keyof typeof topics]['name'];

/** What a new schema of a topic must be compatible with, in the registry's terms. */
export type Compatibility = 'FULL_TRANSITIVE' | 'BACKWARD';

/**
 * What we publish stays compatible in both directions with every version there ever was; what is internal need only be
 * readable by the next version.
 */
export function compatibilityOf({ audience }: Pick<Topic, 'audience'>): Compatibility {
  return audience === 'published' ? 'FULL_TRANSITIVE' : 'BACKWARD';
}

/** Where records of this topic go that can never be processed. */
export function deadLetterTopicOf(name: string): string {
  return `${name}.dlq`;
}

export function isDeadLetterTopic(name: string): boolean {
  return name.endsWith('.dlq');
}

function topic<const N extends string>(name: N, rest: Omit<Topic, 'name'>): Topic & { readonly name: N } {
  return { name, ...rest };
}

type ConfigTopics = {
  readonly [K in keyof typeof configTopicNames]: Topic & { readonly name: (typeof configTopicNames)[K] };
};

/** One for each kind of entity, all alike. */
function configurationTopics(): ConfigTopics {
  const entries = Object.entries(configTopicNames).map(([key, name]) => [
    key,
    topic(name, { ...config, owner: 'api' }),
  ]);
  return Object.fromEntries(entries) as ConfigTopics;
}

function deadLetters<const N extends string>(source: N): Topic & { readonly name: `${N}.dlq` } {
  return {
    name: `${source}.dlq`,
    key: 'same as source',
    partitions: devicePartitions,
    retention: 30 * day,
    owner: 'every consumer',
    audience: 'internal',
    schema: false,
  };
}
