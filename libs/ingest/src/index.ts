export {
  type Admission,
  type DurableRecords,
  type IngestAccounting,
  RawWriter,
  type RawWriterOptions,
} from './raw-writer.ts';
export type { Claim } from './ownership/claim.ts';
export { type Claimant, ClaimLog, type ClaimTopic } from './ownership/claim-log.ts';
export { Fences, type FencesParts } from './ownership/fences.ts';
export { followClaims, KafkaClaims, type KafkaClaimsParts } from './ownership/kafka-claims.ts';
export { OwnedSink, type OwnedSinkParts, type OwnerLease } from './ownership/owned-sink.ts';
export { StaleRecords, type Standing } from './ownership/stale-records.ts';
