/** Builds and starts a service in this process; ends nothing by itself, so tests can use it. */
import 'reflect-metadata';
import type { EntityName } from '@millrace/config';
import type { Service, Topic } from '@millrace/contracts';
import {
  connectRegistry,
  createKafka,
  ensureTopics,
  type Kafka,
  RecordProducer,
  type Registry,
  startLevel,
} from '@millrace/kafka';
import { parseEnvironment, WorkInProgress } from '@millrace/kernel';
import { createLog, type Log, Metrics } from '@millrace/observe';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type * as z from 'zod';
import { BatchStrategy } from './batch-strategy.ts';
import { configurationTopics, FollowedPart } from './followed-part.ts';
import { commonVariables, type CommonEnvironment } from './environment.ts';
import { NestLog } from './nest-log.ts';
import { OperationsDoor } from './operations-door.ts';
import { exportService } from './platform-metrics.ts';
import { PlatformModule } from './platform.module.ts';
import { Readiness } from './readiness.ts';
import { startingAnswers } from './starting-answers.ts';

export interface ServiceDefinition {
  readonly name: Service;
  readonly module: Type | DynamicModule;
  /** The service's own variables: a zod shape with their full names. */
  readonly environment?: z.ZodRawShape;
  /** Its variable that names the consumer group; default: the group is `millrace.<service>`. */
  readonly groupVariable?: string;
  /** Topics it reads or writes, beside those of its configuration: they and their schemas exist when its module is built. */
  readonly topics: readonly Topic[];
  /** What it follows of the configuration: injected as CONFIGURATION, read to the end before its module is built. Default: nothing. */
  readonly configuration?: readonly EntityName[];
  /** Called before it listens: more routes, documentation. */
  readonly configure?: (app: NestFastifyApplication) => void;
}

export interface StartOptions {
  readonly variables: NodeJS.ProcessEnv;
  /** A consumer has ended for good. */
  readonly onCrash: (error: unknown) => void;
  /** Gives up waiting for Kafka and the registry. */
  readonly signal: AbortSignal;
}

export interface StartedService {
  readonly app: NestFastifyApplication;
  readonly log: Log;
  /** Where health, metrics and accounting answer. */
  readonly url: string;
}

/** Bodies of the operators' and the api's requests; devices have limits of their own. */
const bodyBytesMax = 1024 * 1024;

/**
 * Opens the port for operators at once; waits for Kafka and the registry, makes sure of topics and schemas, builds the
 * module, starts consuming.
 * Throws `configuration_invalid` with one sentence that says what to do.
 */
export async function startService(definition: ServiceDefinition, options: StartOptions): Promise<StartedService> {
  const shape = { ...commonVariables, ...definition.environment };
  const environment: CommonEnvironment = parseEnvironment(shape, options.variables);
  const { MILLRACE_INSTANCE: instance, MILLRACE_LOG_LEVEL: level } = environment;
  const log = createLog({ service: definition.name, instance, level });
  const metrics = new Metrics(definition.name);
  const readiness = new Readiness();
  metrics.collectProcess();
  exportService(metrics, readiness);
  const door = new OperationsDoor(startingAnswers(readiness, metrics));
  const url = await door.open(environment.MILLRACE_HTTP_PORT, environment.MILLRACE_HTTP_HOST);
  try {
    const app = await build({ definition, environment, log, metrics, readiness, door }, options);
    return { app, log, url };
  } catch (error) {
    await door.close();
    throw error;
  }
}

/** Everything that the service needs in Kafka. */
export function topicsOf({ topics, configuration = [] }: ServiceDefinition): readonly Topic[] {
  return [...new Set([...topics, ...configurationTopics(configuration)])];
}

interface Beginnings {
  readonly definition: ServiceDefinition;
  readonly environment: CommonEnvironment;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly door: OperationsDoor;
}

async function build(
  { definition, environment, log, metrics, readiness, door }: Beginnings,
  { onCrash, signal }: StartOptions,
): Promise<NestFastifyApplication> {
  const { name, module, configuration = [], configure } = definition;
  const { kafka, registry } = connections(environment, log);
  const topics = topicsOf(definition);
  readiness.starts('waits for Kafka and its topics');
  await ensureTopics(kafka, topics, { mayCreate: environment.MILLRACE_TOPICS_CREATE }, signal);
  readiness.starts('waits for the schema registry and its schemas');
  const withSchema = topics.filter(({ schema }) => schema);
  await Promise.all(withSchema.map((topic) => registry.codec(topic, signal)));
  readiness.starts('reads its configuration');
  const followed = await FollowedPart.open(kafka, registry, configuration, signal);
  const group = groupOf(definition, environment);
  const work = new WorkInProgress();
  const parts = {
    service: name,
    group,
    environment,
    log,
    kafka,
    registry,
    followed,
    work,
    metrics,
    readiness,
    onCrash,
  };
  try {
    const app = await NestFactory.create<NestFastifyApplication>(
      PlatformModule.around(module, parts),
      door.adapter(bodyBytesMax),
      { logger: new NestLog(log), forceCloseConnections: true, abortOnError: false },
    );
    configure?.(app);
    await listen(app, environment);
    const reporting = {
      service: name,
      instance: environment.MILLRACE_INSTANCE,
      producer: app.get(RecordProducer),
      work,
    };
    await followed.report(reporting, log);
    return app;
  } catch (error) {
    await followed.close();
    throw error;
  }
}

function groupOf({ name, groupVariable }: ServiceDefinition, environment: CommonEnvironment): string {
  const group: unknown = groupVariable === undefined ? undefined : Reflect.get(environment, groupVariable);
  return typeof group === 'string' ? group : `millrace.${name}`;
}

async function listen(app: NestFastifyApplication, environment: CommonEnvironment): Promise<void> {
  const strategy = app.get(BatchStrategy);
  const readiness = app.get(Readiness);
  readiness.add('consumers', () =>
    strategy.joined ? undefined : 'A consumer group has not given its partitions yet.',
  );
  app.connectMicroservice({ strategy });
  await app.init();
  await app.listen(environment.MILLRACE_HTTP_PORT, environment.MILLRACE_HTTP_HOST);
  readiness.starts('joins its consumer groups');
  await app.startAllMicroservices();
  readiness.started();
}

function connections(environment: CommonEnvironment, log: Log): { readonly kafka: Kafka; readonly registry: Registry } {
  const kafka = createKafka({
    brokers: environment.MILLRACE_KAFKA_BROKERS,
    clientId: environment.MILLRACE_INSTANCE,
    onNotice: ({ level, sentence, fields }) => log.write(level, sentence, fields),
  });
  const registry = connectRegistry({
    url: environment.MILLRACE_REGISTRY_URL,
    mayRegister: environment.MILLRACE_TOPICS_CREATE,
    onRetry(error, attempt, _delayMs, triedMs) {
      log.write(startLevel(triedMs), 'The schema registry was not ready at the start.', { attempt, error });
    },
  });
  return { kafka, registry };
}
