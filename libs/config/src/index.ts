export * from './configuration.ts';
export { type Entities, type EntityName, entityKey, entityNames } from './entities.ts';
