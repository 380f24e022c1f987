/** Tokens of what the platform provides and that is no class; the classes (Metrics, Accounting, ...) are their own tokens. */

/** `Log` of @millrace/observe. */
export const LOG = Symbol('millrace.log');
/** `Kafka` of @millrace/kafka. */
export const KAFKA = Symbol('millrace.kafka');
/** `Registry` of @millrace/kafka. */
export const REGISTRY = Symbol('millrace.registry');
/** The parsed environment: the common variables and the service's own. */
export const SERVICE_ENVIRONMENT = Symbol('millrace.environment');
/** `FollowedConfiguration` of @millrace/config, of the entities that the service's definition names. */
export const CONFIGURATION = Symbol('millrace.configuration');
