export * from './configuration.ts';
export { type Entities, type EntityName, entityKey, entityNames } from './entities.ts';
export type { ConfigurationFiles, ScriptFile } from './configuration-files.ts';
export { readConfigurationFolder } from './read-folder.ts';
export type { SecretKeeper } from './published-form.ts';
