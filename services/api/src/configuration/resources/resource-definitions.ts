/** The kinds of entities that the api serves: how they are called in paths, and how lists of them can be cut. */
import type { EntityName, WrittenEntity } from '@millrace/config';
import type { ResourceKind, ResourceName } from '@millrace/control';
import type { Scope } from '../../access/access.ts';

export interface ResourceDefinition {
  readonly entity: WrittenEntity;
  readonly name: ResourceName;
  /** `/v1/<path>`, and its operations' tag in the OpenAPI document. */
  readonly path: string;
  /** One of them, for sentences and names of operations. */
  readonly singular: string;
  readonly read: Scope;
  readonly write: Scope;
  /** Created and changed by routes of its own. */
  readonly writtenByHand?: true;
  readonly filters: ResourceKind['filters'];
  readonly sorts: ResourceKind['sorts'];
  readonly searched: ResourceKind['searched'];
  /** Where bodies of other kinds refer to it in a way that the tables do not know; JSON paths of PostgreSQL. */
  readonly referredToBy: ResourceKind['referredToBy'];
}

const usual = { read: 'read', write: 'write', filters: {}, sorts: {}, searched: [], referredToBy: [] } as const;
const named = { sorts: { name: 'name' }, searched: ['name'] } as const;

/** In an order in which what is referred to comes first. */
export const resourceDefinitions: readonly ResourceDefinition[] = [
  {
    ...usual,
    ...named,
    entity: 'tenants',
    name: 'tenants',
    path: 'tenants',
    singular: 'tenant',
    read: 'platform',
    write: 'platform',
  },
  { ...usual, entity: 'scripts', name: 'scripts', path: 'scripts', singular: 'script' },
  {
    ...usual,
    ...named,
    entity: 'products',
    name: 'products',
    path: 'products',
    singular: 'product',
    filters: { scriptId: 'script_id' },
  },
  {
    ...usual,
    entity: 'devices',
    name: 'devices',
    path: 'devices',
    singular: 'device',
    filters: { productId: 'product_id', state: 'state', identificationCode: 'identification_code' },
    sorts: { name: 'name' },
    searched: ['name', 'identification_code'],
    referredToBy: [{ kind: 'statistics', path: '$.deviceUids[*]' }],
  },
  {
    ...usual,
    entity: 'apiKeys',
    name: 'api_keys',
    path: 'api-keys',
    singular: 'API key',
    read: 'admin',
    write: 'admin',
    writtenByHand: true,
  },
  {
    ...usual,
    entity: 'deviceCredentials',
    name: 'device_credentials',
    path: 'device-credentials',
    singular: 'device credential',
    write: 'admin',
    writtenByHand: true,
    filters: { deviceUid: 'device_id', kind: 'kind' },
  },
  {
    ...usual,
    entity: 'certificateAuthorities',
    name: 'certificate_authorities',
    path: 'certificate-authorities',
    singular: 'certificate authority',
    write: 'admin',
  },
  {
    ...usual,
    entity: 'tokenIssuers',
    name: 'token_issuers',
    path: 'token-issuers',
    singular: 'token issuer',
    write: 'admin',
  },
  {
    ...usual,
    entity: 'channels',
    name: 'channels',
    path: 'channels',
    singular: 'channel',
    filters: { kind: 'plugin' },
    referredToBy: [{ kind: 'alarm_rules', path: '$.notify[*].channelId' }],
  },
  {
    ...usual,
    entity: 'templates',
    name: 'templates',
    path: 'templates',
    singular: 'template',
    referredToBy: [{ kind: 'alarm_rules', path: '$.notify[*].templateId' }],
  },
  {
    ...usual,
    ...named,
    entity: 'alarmRules',
    name: 'alarm_rules',
    path: 'alarm-rules',
    singular: 'alarm rule',
    filters: { productId: 'product_id', deviceUid: 'device_id' },
  },
  {
    ...usual,
    ...named,
    entity: 'statistics',
    name: 'statistics',
    path: 'statistics',
    singular: 'statistic',
    filters: { productId: 'product_id', scriptId: 'script_id' },
  },
];

const byEntity = new Map<EntityName, ResourceDefinition>(resourceDefinitions.map((one) => [one.entity, one]));
const byName = new Map<ResourceName, ResourceDefinition>(resourceDefinitions.map((one) => [one.name, one]));

export function definitionOf(entity: WrittenEntity): ResourceDefinition {
  return byEntity.get(entity)!;
}

export function definitionNamed(name: ResourceName): ResourceDefinition {
  return byName.get(name)!;
}
