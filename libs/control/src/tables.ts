/** The tables of the control plane, as the query builder sees them. What a column means stands in the migrations. */
import type { ColumnType, Generated, RawBuilder } from 'kysely';

/** What can be stored in a body: the published form of an entity, sealed secrets as base64. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type Body = Readonly<Record<string, Json>>;

/** Every kind of entity has a table of this form; its further columns are generated from the body. */
export interface ResourceTable {
  readonly tenant: string;
  readonly id: string;
  /** Position of its last change in the outbox: never used twice, so that a deleted and created entity is another one. */
  readonly revision: bigint;
  readonly body: ColumnType<Body, string, string>;
  readonly created_at: Generated<Date>;
  readonly updated_at: Generated<Date>;
}

export interface OutboxTable {
  readonly position: bigint;
  readonly tenant: string;
  readonly kind: string;
  readonly id: string;
  /** Null: the entity was deleted. */
  readonly body: ColumnType<Body | null, string | null, never>;
  readonly written_at: Generated<Date>;
}

export interface PublishedTable {
  /** All changes up to this one are on their topics. */
  readonly position: bigint;
  /** By topic: the offset of the last record that belongs to them. */
  readonly offsets: ColumnType<Readonly<Record<string, string>>, string, never>;
  readonly published_at: Generated<Date>;
}

export interface IdempotencyTable {
  readonly tenant: string;
  readonly key: string;
  /** Of route and body: the same key for something else is a mistake of the caller. */
  readonly request_hash: string;
  readonly answer: ColumnType<Body, string, string>;
  readonly created_at: Generated<Date>;
}

export interface InstallationTable {
  readonly epoch: string;
  /** Position of the last change of the last republication. */
  readonly republish_until: bigint;
}

export type ErasureState = 'waiting' | 'running' | 'failed' | 'done';

/** What a step has removed: so many of `unit` of what is called `name`. */
export interface Removed {
  readonly name: string;
  readonly unit: 'entities' | 'rows' | 'tables' | 'keys' | 'records';
  readonly count: number;
  /** It was counted and is being removed: who goes on must not count it again. */
  readonly pending?: true;
}

export interface ErasureStep {
  readonly name: string;
  readonly begunAt: string;
  /** Null: it is under way, or was when the process ended. */
  readonly endedAt: string | null;
  readonly removed: readonly Removed[];
}

/** Until when Kafka may have records that name the tenant. */
export interface Expiry {
  readonly topic: string;
  readonly at: string;
}

export interface ErasureFailure {
  readonly at: string;
  readonly step: string;
  readonly code: string;
  readonly reason: string;
}

export interface ErasureTable {
  readonly tenant: string;
  readonly state: ErasureState;
  /** Id of the key. */
  readonly asked_by: string;
  readonly asked_at: ColumnType<Date, Date | undefined, Date | RawBuilder<Date>>;
  /** Of the change that hides the tenant. */
  readonly position: bigint;
  readonly steps: ColumnType<readonly ErasureStep[], string | undefined, string>;
  readonly expires: ColumnType<readonly Expiry[], string | undefined, string>;
  readonly attempts: Generated<number>;
  /** Of the last attempt that failed; null: none, or it is done. */
  readonly failure: ColumnType<ErasureFailure | null, string | null | undefined, string | null>;
  readonly next_attempt_at: ColumnType<Date, Date | undefined, Date | RawBuilder<Date>>;
  readonly done_at: Date | null;
}

/** Key of an authority that signs here, sealed; what is published of the authority is a resource. */
export interface AuthorityKeyTable {
  readonly tenant: string;
  readonly id: string;
  readonly sealed: Buffer;
  readonly created_at: Generated<Date>;
}

export interface IssuedCertificateTable {
  readonly tenant: string;
  readonly serial: string;
  readonly authority_id: string;
  readonly device_id: string;
  readonly certificate: string;
  readonly not_after: Date;
  readonly issued_at: Generated<Date>;
  readonly revoked_at: ColumnType<Date | null, never, Date>;
}

/** By which devices of a product register themselves. */
export interface RegistrationSecretTable {
  readonly tenant: string;
  readonly id: string;
  readonly product_id: string;
  readonly name: string;
  readonly hash: string;
  readonly expires_at: Date | null;
  readonly devices_max: number;
  readonly approval: boolean;
  readonly enabled: Generated<boolean>;
  readonly created_at: Generated<Date>;
}

/** Of one uid. */
export interface RegistrationTable {
  readonly tenant: string;
  readonly id: string;
  readonly secret_id: string;
  readonly product_id: string;
  readonly state: 'pending' | 'approved' | 'refused' | 'enrolled';
  /** Of the state. */
  readonly since: Date;
  readonly claim_hash: string;
  /** What was made for the device last, so that a repetition takes its place. */
  readonly credential: ColumnType<Body | null, string | null, string | null>;
  readonly asked_at: Generated<Date>;
}

export interface ScriptVersionTable {
  readonly tenant: string;
  readonly script_id: string;
  readonly version: number;
  readonly language: string;
  readonly source: string;
  readonly hash: string;
  readonly created_at: Generated<Date>;
  readonly override_reason: string | null;
}

/** The name of a kind's table. */
export type ResourceName = string;

/** Tables of kinds are alike: for the query builder they are all this one. */
export type AnyResource = 'resources';

export interface Tables {
  readonly resources: ResourceTable;
  readonly outbox: OutboxTable;
  readonly published: PublishedTable;
  readonly idempotency_keys: IdempotencyTable;
  readonly erasures: ErasureTable;
  readonly installation: InstallationTable;
  readonly authority_keys: AuthorityKeyTable;
  readonly issued_certificates: IssuedCertificateTable;
  readonly registration_secrets: RegistrationSecretTable;
  readonly registrations: RegistrationTable;
  readonly script_versions: ScriptVersionTable;
}
