export { endTime } from './entity-fields.ts';
export { Configuration } from './configuration.ts';
export { type ConfigurationFiles, fileNames, type ScriptFile } from './configuration-files.ts';
export { type Entities, entityKinds, type EntityName, entityKey, entityNames, idFields } from './entities.ts';
export {
  entityBodySchema,
  fileFormOf,
  fileSchemas,
  idOf,
  readEntity,
  viewOf,
  type WrittenEntity,
} from './entity-form.ts';
export { type EntityReference, referencesOf } from './entity-references.ts';
export { followConfiguration, type FollowedConfiguration } from './follow.ts';
export { FolderPublisher, type FolderPublisherParts, type PublicationEvents } from './folder-publisher.ts';
export { PositionReporter, type PositionReporterParts } from './position-reporter.ts';
export { Propagation, type PropagationState, type PublishedOffsets } from './propagation.ts';
export { type Publication, publishConfiguration, type Publisher } from './publish.ts';
export {
  channelSecretsPurpose,
  connectionPasswordPurpose,
  plain,
  publishedEntity,
  type SecretKeeper,
} from './published-form.ts';
export { readConfigurationFolder } from './read-folder.ts';
export { referenceErrors } from './references.ts';
