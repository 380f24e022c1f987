/** The entities of the configuration: their types, topics and Kafka keys, in an order in which what is referred to comes first. */
import {
  type AlarmRuleConfig,
  type ApiKeyConfig,
  type CertificateAuthorityConfig,
  type ChannelConfig,
  type ConnectionConfig,
  type DeviceConfig,
  type DeviceCredentialConfig,
  deviceKey,
  type ProductConfig,
  type ScriptConfig,
  type StatisticConfig,
  type TemplateConfig,
  type TenantConfig,
  type TokenIssuerConfig,
  type Topic,
  topics,
} from '@millrace/contracts';

export interface Entities {
  readonly tenants: TenantConfig;
  readonly scripts: ScriptConfig;
  readonly products: ProductConfig;
  readonly devices: DeviceConfig;
  readonly apiKeys: ApiKeyConfig;
  readonly deviceCredentials: DeviceCredentialConfig;
  readonly certificateAuthorities: CertificateAuthorityConfig;
  readonly tokenIssuers: TokenIssuerConfig;
  readonly channels: ChannelConfig;
  readonly templates: TemplateConfig;
  readonly alarmRules: AlarmRuleConfig;
  readonly statistics: StatisticConfig;
  readonly connections: ConnectionConfig;
}

export type EntityName = keyof Entities;

interface EntityKind<T> {
  readonly topic: Topic;
  /** Key of the entity's record in its topic. */
  readonly keyOf: (entity: T) => string;
}

export const entityKinds: { readonly [E in EntityName]: EntityKind<Entities[E]> } = {
  tenants: { topic: topics.configTenants, keyOf: ({ tenant }) => tenant },
  scripts: { topic: topics.configScripts, keyOf: ({ tenant, scriptId }) => entityKey(tenant, scriptId) },
  products: { topic: topics.configProducts, keyOf: ({ tenant, productId }) => entityKey(tenant, productId) },
  devices: { topic: topics.configDevices, keyOf: ({ tenant, deviceUid }) => deviceKey(tenant, deviceUid) },
  apiKeys: { topic: topics.configApiKeys, keyOf: ({ keyId }) => keyId },
  deviceCredentials: { topic: topics.configDeviceCredentials, keyOf: ({ credentialId }) => credentialId },
  certificateAuthorities: {
    topic: topics.configCertificateAuthorities,
    keyOf: ({ tenant, authorityId }) => entityKey(tenant, authorityId),
  },
  tokenIssuers: { topic: topics.configTokenIssuers, keyOf: ({ tenant, issuerId }) => entityKey(tenant, issuerId) },
  channels: { topic: topics.configChannels, keyOf: ({ tenant, channelId }) => entityKey(tenant, channelId) },
  templates: { topic: topics.configTemplates, keyOf: ({ tenant, templateId }) => entityKey(tenant, templateId) },
  alarmRules: { topic: topics.configAlarmRules, keyOf: ({ tenant, ruleId }) => entityKey(tenant, ruleId) },
  statistics: { topic: topics.configStatistics, keyOf: ({ tenant, statisticId }) => entityKey(tenant, statisticId) },
  connections: {
    topic: topics.configConnections,
    keyOf: ({ tenant, connectionId }) => entityKey(tenant, connectionId),
  },
};

/** The member that names an entity: in its tenant, or in the installation where the tenant itself and keys are concerned. */
export const idFields = {
  tenants: 'tenant',
  scripts: 'scriptId',
  products: 'productId',
  devices: 'deviceUid',
  apiKeys: 'keyId',
  deviceCredentials: 'credentialId',
  certificateAuthorities: 'authorityId',
  tokenIssuers: 'issuerId',
  channels: 'channelId',
  templates: 'templateId',
  alarmRules: 'ruleId',
  statistics: 'statisticId',
  connections: 'connectionId',
} as const satisfies { readonly [E in EntityName]: keyof Entities[E] };

export const entityNames = Object.keys(entityKinds) as readonly EntityName[];

/** Key of an entity that is unique in its tenant. */
export function entityKey(tenant: string, id: string): string {
  return `${tenant}/${id}`;
}
