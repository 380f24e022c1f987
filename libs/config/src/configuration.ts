/** The configuration in memory, with the indexes that the hot paths need. Filled from the compacted topics. */
import {
  type AlarmRuleConfig,
  type ApiKeyConfig,
  type ChannelConfig,
  type DeviceConfig,
  type DeviceCredentialConfig,
  type ProductConfig,
  type ScriptConfig,
  type StatisticConfig,
  type TemplateConfig,
  type TenantConfig,
} from '@millrace/contracts';
import { CredentialIndex } from './credential-index.ts';
import { type Entities, entityKey, type EntityName, entityNames } from './entities.ts';
import { RuleIndex } from './rule-index.ts';

/** Read-only for everyone but the reader that applies the topics' records to it. Maps are by Kafka key. */
export class Configuration {
  readonly #tables = Object.fromEntries(entityNames.map((name) => [name, new Map()])) as {
    readonly [E in EntityName]: Map<string, Entities[E]>;
  };
  /** By tenant, then uid: asked for every message, and making the key would cost more than finding it. */
  readonly #devicesByUid = new Map<string, Map<string, DeviceConfig>>();
  /** What the tables of credentials say of a device, a tenant, an issuer. */
  readonly credentials = new CredentialIndex();
  readonly #devicesByCode = new Map<string, DeviceConfig>();
  readonly #rules = new RuleIndex();
  /** Tenants whose devices and keys are not found any more. */
  readonly #deleted = new Set<string>();
  #version = 0;

  /** Counts every change: what was computed from the configuration holds while it stays the same. */
  get version(): number {
    return this.#version;
  }

  /** The entities of this kind, by Kafka key. */
  all<E extends EntityName>(entity: E): ReadonlyMap<string, Entities[E]> {
    return this.#tables[entity];
  }

  get tenants(): ReadonlyMap<string, Entities['tenants']> {
    return this.#tables.tenants;
  }

  get scripts(): ReadonlyMap<string, Entities['scripts']> {
    return this.#tables.scripts;
  }

  get products(): ReadonlyMap<string, Entities['products']> {
    return this.#tables.products;
  }

  get devices(): ReadonlyMap<string, Entities['devices']> {
    return this.#tables.devices;
  }

  get apiKeys(): ReadonlyMap<string, Entities['apiKeys']> {
    return this.#tables.apiKeys;
  }

  get channels(): ReadonlyMap<string, Entities['channels']> {
    return this.#tables.channels;
  }

  get alarmRules(): ReadonlyMap<string, Entities['alarmRules']> {
    return this.#tables.alarmRules;
  }

  get statistics(): ReadonlyMap<string, Entities['statistics']> {
    return this.#tables.statistics;
  }

  get connections(): ReadonlyMap<string, Entities['connections']> {
    return this.#tables.connections;
  }

  /** Also one that was deleted: see `isDeleted`. */
  tenant(tenant: string): TenantConfig | undefined {
    return this.#tables.tenants.get(tenant);
  }

  /** The tenant's devices and keys are unknown then, whatever the maps still hold. */
  isDeleted(tenant: string): boolean {
    return this.#deleted.has(tenant);
  }

  script(tenant: string, scriptId: string): ScriptConfig | undefined {
    return this.#tables.scripts.get(entityKey(tenant, scriptId));
  }

  product(tenant: string, productId: string): ProductConfig | undefined {
    return this.#tables.products.get(entityKey(tenant, productId));
  }

  device(tenant: string, deviceUid: string): DeviceConfig | undefined {
    return this.#deleted.has(tenant) ? undefined : this.#devicesByUid.get(tenant)?.get(deviceUid);
  }

  deviceByCode(tenant: string, identificationCode: string): DeviceConfig | undefined {
    return this.#deleted.has(tenant) ? undefined : this.#devicesByCode.get(entityKey(tenant, identificationCode));
  }

  apiKey(keyId: string): ApiKeyConfig | undefined {
    const key = this.#tables.apiKeys.get(keyId);
    return key && this.#deleted.has(key.tenant) ? undefined : key;
  }

  deviceCredential(credentialId: string): DeviceCredentialConfig | undefined {
    return this.#tables.deviceCredentials.get(credentialId);
  }

  channel(tenant: string, channelId: string): ChannelConfig | undefined {
    return this.#tables.channels.get(entityKey(tenant, channelId));
  }

  template(tenant: string, templateId: string): TemplateConfig | undefined {
    return this.#tables.templates.get(entityKey(tenant, templateId));
  }

  statistic(tenant: string, statisticId: string): StatisticConfig | undefined {
    return this.#tables.statistics.get(entityKey(tenant, statisticId));
  }

  /** Rules of the device itself and of its product; the same array until the configuration changes. */
  rulesOf(device: DeviceConfig): readonly AlarmRuleConfig[] {
    return this.#rules.rulesOf(device);
  }

  /** Those of `rulesOf` that watch this signal. */
  rulesOfSignal(device: DeviceConfig, signal: string): readonly AlarmRuleConfig[] {
    return this.#rules.rulesOfSignal(device, signal);
  }

  /** Takes one record of a configuration topic; null: the entity was deleted. */
  apply<E extends EntityName>(entity: E, key: string, value: Entities[E] | null): void {
    const table: Map<string, Entities[E]> = this.#tables[entity] as Map<string, Entities[E]>;
    const before = table.get(key);
    if (value === null) table.delete(key);
    else table.set(key, value);
    if (entity === 'tenants') {
      if ((value as TenantConfig | null)?.state === 'deleted') this.#deleted.add(key);
      else this.#deleted.delete(key);
    }
    if (entity === 'devices') {
      const device = value as DeviceConfig | null;
      this.#indexUid((before as DeviceConfig | undefined) ?? device, device);
      this.#indexCode(before as DeviceConfig | undefined, device);
    }
    if (entity === 'alarmRules')
      this.#rules.replace(before as AlarmRuleConfig | undefined, value as AlarmRuleConfig | null);
    this.credentials.replace(entity, before, value);
    this.#version += 1;
  }

  /** `known`: as it was before or is now; null: it never was. */
  #indexUid(known: DeviceConfig | null, after: DeviceConfig | null): void {
    if (!known) return;
    const ofTenant = this.#devicesByUid.get(known.tenant) ?? new Map<string, DeviceConfig>();
    this.#devicesByUid.set(known.tenant, ofTenant);
    if (after) ofTenant.set(known.deviceUid, after);
    else ofTenant.delete(known.deviceUid);
    if (ofTenant.size === 0) this.#devicesByUid.delete(known.tenant);
  }

  /** A code may move between devices in any order of records: only the device that holds it gives it up. */
  #indexCode(before: DeviceConfig | undefined, after: DeviceConfig | null): void {
    this.#rules.forget();
    if (before?.identificationCode != null) {
      const key = entityKey(before.tenant, before.identificationCode);
      if (this.#devicesByCode.get(key) === before) this.#devicesByCode.delete(key);
    }
    if (after?.identificationCode != null)
      this.#devicesByCode.set(entityKey(after.tenant, after.identificationCode), after);
  }
}
