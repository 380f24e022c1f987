export { BatchStrategy } from './batch-strategy.ts';
export { type CommonEnvironment, commonVariables } from './environment.ts';
export { invalidFields } from './invalid-fields.ts';
export { OnBatch, type BatchMethod, type OnBatchOptions } from './on-batch.ts';
export { ProblemFilter } from './problem.filter.ts';
export { cpuGateProviders, messageGateProviders, pointsGateProviders } from './quota-gates.ts';
export { Readiness, type ReadinessCheck } from './readiness.ts';
export { runService } from './run-service.ts';
export {
  startService,
  type ServiceDefinition,
  type StartedService,
  type StartOptions,
  topicsOf,
} from './start-service.ts';
export { CONFIGURATION, KAFKA, LOG, REGISTRY, SERVICE_ENVIRONMENT } from './tokens.ts';
