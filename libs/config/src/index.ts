export { Configuration } from './configuration.ts';
export {
  ceilingNames,
  connectionAnswer,
  connectionBody,
  connectionPage,
  connectionPatch,
  type ConnectionQuery,
  connectionQuery,
  instanceAnswer,
  instanceList,
  moveRequest,
} from './connection-answers.ts';
export { type ConfigurationFiles, fileNames, samplesFileOf } from './configuration-files.ts';
export {
  type Entities,
  type EntityFile,
  entityKey,
  type EntityKind,
  entityKinds,
  type EntityName,
  entityNames,
  type WrittenEntity,
  writtenEntities,
} from './entities.ts';
export { revokedSerialsMax } from './entities/certificate-authorities.entity.ts';
export { channelSecretsPurpose } from './entities/channels.entity.ts';
export { type ConnectionSecret, connectionSecretPurpose } from './entities/connections.entity.ts';
export { endTime } from './entity-fields.ts';
export { entityBodySchema, fileFormOf, fileSchemas, idOf, readEntity, viewOf, viewSchema } from './entity-form.ts';
export { plain } from './entity-version.ts';
export { followConfiguration, type FollowedConfiguration, type Revision } from './follow.ts';
export { FolderPublisher, type FolderPublisherParts, type PublicationEvents } from './folder-publisher.ts';
export { PositionReporter, type PositionReporterParts } from './position-reporter.ts';
export { Propagation, type PropagationState, type PublishedOffsets } from './propagation.ts';
export { type Publication, publishConfiguration, type Publisher } from './publish.ts';
export { keptEntity } from './published-form.ts';
export { readConfigurationFolder } from './read-folder.ts';
export { type EntityReference, referenceErrors, referencesOf } from './references.ts';
export { type ScriptSample, scriptSamples, type ScriptTrial, scriptTrials } from './script-samples.ts';
export { type Scope, scopeNames } from './scopes.ts';
export type { SecretKeeper } from './secret-keeper.ts';
