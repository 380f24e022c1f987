export { CertificateRows, type IssuedRow, type NewCertificate } from './certificate-rows.ts';
export { Database, type Work } from './database.ts';
export { ErasedEntities } from './erased-entities.ts';
export type { Erasure } from './erasure-row.ts';
export { erasureChannel, erasureLock, Erasures } from './erasures.ts';
export { lead, type Leadership } from './leader.ts';
export {
  type IdempotentRequest,
  forgetAnswers,
  rememberAnswer,
  rememberedAnswer,
  replaceAnswer,
} from './idempotency.ts';
export { migrate, migrationNames } from './migrate.ts';
export { entityName, Outbox, type OutboxChange } from './outbox.ts';
export {
  type ChangeLog,
  type LogPosition,
  type OutboxEvents,
  OutboxPublisher,
  type OutboxPublisherParts,
} from './outbox-publisher.ts';
export {
  type NewRegistration,
  type NewSecret,
  type RegistrationRow,
  RegistrationRows,
  type RegistrationState,
  type RowPage,
  type SecretChange,
  type SecretRow,
} from './registration-rows.ts';
export type { ListFilter, ResourceKind } from './resource-kind.ts';
export { type ListQuery, listResources, type Page } from './resource-list.ts';
export type { Resource } from './resource.ts';
export { ResourceTree, type TreeFault, treeLevelsMax, type TreeNode } from './resource-tree.ts';
export { ResourceRows, type ResourceWrite } from './resource-rows.ts';
export {
  type Body,
  type ErasureFailure,
  type ErasureStep,
  type Expiry,
  type Json,
  type Removed,
  type ResourceName,
} from './tables.ts';
export { type ScriptText, type ScriptVersion, ScriptVersions } from './script-versions.ts';
