/** The kinds of entities that the api serves, as its routes and its tables know them. */
import {
  type EntityKind,
  entityKinds,
  type EntityName,
  type Scope,
  type WrittenEntity,
  writtenEntities,
} from '@millrace/config';
import type { ListFilter, ResourceKind, ResourceName } from '@millrace/control';

export interface ResourceDefinition extends ResourceKind {
  readonly entity: WrittenEntity;
  /** `/v1/<path>`, and its operations' tag in the OpenAPI document. */
  readonly path: string;
  /** One of them, for sentences and names of operations. */
  readonly singular: string;
  readonly read: Scope;
  readonly write: Scope;
  /** Created and changed by routes of its own. */
  readonly isWrittenByHand: boolean;
  /** Deleted by a route of its own. */
  readonly isDeletedByHand: boolean;
}

/** In an order in which what is referred to comes first. */
export const resourceDefinitions: readonly ResourceDefinition[] = writtenEntities.map((entity) => {
  const {
    path,
    singular,
    scopes,
    isWrittenByHand,
    isDeletedByHand,
    filters,
    sorts,
    searched,
    referredToBy = [],
  } = entityKinds[entity];
  return {
    entity,
    name: tableOf(entity),
    path,
    singular,
    read: scopes?.read ?? 'read',
    write: scopes?.write ?? 'write',
    isWrittenByHand: isWrittenByHand ?? false,
    isDeletedByHand: isDeletedByHand ?? false,
    filters: Object.fromEntries(Object.entries(filters ?? {}).map(([name, filter]) => [name, inTables(filter)])),
    sorts: sorts ?? {},
    searched: searched ?? [],
    referredToBy: referredToBy.map((one) => ({ kind: tableOf(one.entity), path: one.path })),
  };
});

const byEntity = new Map<EntityName, ResourceDefinition>(resourceDefinitions.map((one) => [one.entity, one]));
const byName = new Map<ResourceName, ResourceDefinition>(resourceDefinitions.map((one) => [one.name, one]));

export function definitionOf(entity: WrittenEntity): ResourceDefinition {
  return byEntity.get(entity)!;
}

export function definitionNamed(name: ResourceName): ResourceDefinition {
  return byName.get(name)!;
}

function inTables(filter: NonNullable<EntityKind['filters']>[string]): ListFilter {
  if (typeof filter === 'string') return filter;
  const { inTreeOf, ...index } = filter;
  return inTreeOf === undefined ? index : { ...index, inTreeOf: tableOf(inTreeOf) };
}

function tableOf(entity: EntityName): ResourceName {
  return entityKinds[entity].path.replaceAll('-', '_');
}
