/** Brings the configuration of tenants to what files say: a difference first, then one transaction for each tenant. */
import { isDeepStrictEqual } from 'node:util';
import {
  type ConfigurationFiles,
  type Entities,
  type EntityFile,
  idOf,
  plain,
  keptEntity,
  referenceErrors,
  type SecretKeeper,
  type WrittenEntity,
  writtenEntities,
} from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
import { type Database, type Resource, ResourceRows } from '@millrace/control';
import type { ScriptGate } from '../scripts/script-gate.ts';
import type { ScriptPublishing } from '../scripts/script-publishing.ts';
import { definitionOf } from './resource-definitions.ts';
import { endDevices } from '../credentials/deleted-devices.ts';
import { withHashesOf, withSecretsOf } from './kept-secrets.ts';
import { bodyOf, entityIn } from './stored-body.ts';
import { writeEntities } from './write-entities.ts';

/** What an export may leave out; what was left out stays as it is when the rest is applied. */
export const omittedNames = [
  'apiKeys',
  'channels.secrets',
  'deviceCredentials',
  'connections',
  'devices.passwordHashes',
] as const;
export type Omitted = (typeof omittedNames)[number];

/** Without connections: they are the client manager's. */
export type AppliedFiles = Omit<ConfigurationFiles, 'connections'> & { readonly omitted?: readonly Omitted[] };

export interface ApplyOptions {
  /** Also deletes what the files do not have, of the tenants that they have. */
  readonly prune: boolean;
  /** Only says what would be done. */
  readonly dryRun: boolean;
  /** Why scripts are published although their samples fail. */
  readonly override?: string | undefined;
  /** Called for each entity that would be created or changed; throws when the caller may not. */
  readonly allow: <E extends WrittenEntity>(entity: E, wanted: Entities[E]) => void;
}

export interface AppliedChange {
  readonly tenant: string;
  readonly entity: WrittenEntity;
  readonly id: string;
  readonly change: 'created' | 'changed' | 'deleted';
  /** Members that differ, of what was changed. */
  readonly members: readonly string[];
}

export interface Applied {
  readonly changes: readonly AppliedChange[];
  readonly unchanged: number;
  /** Of the last change; undefined: there was none. */
  readonly position: bigint | undefined;
}

export class ConfigurationApply {
  readonly #database: Database;
  readonly #secrets: SecretKeeper;
  readonly #publishing: ScriptPublishing;

  constructor(database: Database, secrets: SecretKeeper, publishing: ScriptPublishing) {
    this.#database = database;
    this.#secrets = secrets;
    this.#publishing = publishing;
  }

  /** Throws `configuration_invalid` for files that do not fit together, and what the transactions throw. */
  async apply(files: AppliedFiles, options: ApplyOptions): Promise<Applied> {
    const { omitted: _, ...entities } = files;
    const errors = referenceErrors({ ...entities, connections: [] });
    const [first] = errors;
    if (first)
      throw new MillraceError('configuration_invalid', `${first.field}: ${first.detail}`, {
        errors: errors.slice(0, 50),
      });
    const changes: AppliedChange[] = [];
    let unchanged = 0;
    let position: bigint | undefined;
    for (const { tenant } of files.tenants) {
      const applied = await this.#publishing.publish(tenant, options.override, (gate) =>
        this.#applyTenant(tenant, files, options, gate),
      );
      changes.push(...applied.changes);
      unchanged += applied.unchanged;
      position = applied.position ?? position;
    }
    return { changes, unchanged, position };
  }

  #applyTenant(
    tenant: string,
    files: AppliedFiles,
    { prune, dryRun, allow }: ApplyOptions,
    gate: ScriptGate,
  ): Promise<Applied> {
    return this.#database.ofTenant(tenant, async (transaction) => {
      const rows = new ResourceRows(transaction, tenant);
      const changes: AppliedChange[] = [];
      const gone: { readonly entity: WrittenEntity; readonly ids: readonly string[] }[] = [];
      let unchanged = 0;
      for (const entity of writtenEntities) {
        if (files.omitted?.some((one) => one === entity)) continue;
        const name = definitionOf(entity).name;
        const present = new Map((await rows.all(name)).map((row) => [row.id, row]));
        const wanted = this.#wanted(entity, tenant, files, present);
        const different = wanted.filter(({ body, before }) => !before || !isDeepStrictEqual(body, before.body));
        unchanged += wanted.length - different.length;
        for (const { id, body, before } of different) {
          allow(entity, entityIn(entity, body));
          const members = before ? differing(body, before.body) : [];
          changes.push({ tenant, entity, id, change: before ? 'changed' : 'created', members });
        }
        if (!dryRun) await writeEntities({ rows, transaction, gate }, entity, different);
        else if (entity === 'scripts') gate.require(different);
        const known = new Set(wanted.map(({ id }) => id));
        if (prune && entity !== 'tenants')
          gone.push({ entity, ids: [...present.keys()].filter((id) => !known.has(id)) });
      }
      // What refers to others goes before them.
      for (const { entity, ids } of gone.toReversed()) {
        for (const id of ids) changes.push({ tenant, entity, id, change: 'deleted', members: [] });
        if (!dryRun && entity === 'devices') await endDevices(transaction, rows, ids);
        if (!dryRun) await rows.delete(definitionOf(entity).name, ids);
      }
      return { changes, unchanged, position: rows.position };
    });
  }

  #wanted<E extends WrittenEntity>(
    entity: E,
    tenant: string,
    files: AppliedFiles,
    present: ReadonlyMap<string, Resource>,
  ): readonly { readonly id: string; readonly body: Resource['body']; readonly before: Resource | undefined }[] {
    const ofTenant = files[entity].filter((file) => file.tenant === tenant) as readonly unknown[];
    return (ofTenant as readonly EntityFile<E>[]).map((file) => {
      const id = idOf<E>(entity, file);
      const before = present.get(id);
      const published = before && entityIn(entity, before.body);
      return {
        id,
        before,
        body: bodyOf<E>(
          withHashesOf(
            entity,
            withSecretsOf(entity, keptEntity<E>(entity, file, published, this.#secrets), published),
            files.omitted?.includes('devices.passwordHashes') ? published : undefined,
          ),
        ),
      };
    });
  }
}

function differing(one: Resource['body'], other: Resource['body']): readonly string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter((name) => !isDeepStrictEqual(plain({ it: one[name] }), plain({ it: other[name] })));
}
