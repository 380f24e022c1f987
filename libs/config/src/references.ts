/** What no single file can say: keys are unique, and whatever an entity refers to exists in its tenant. */
import type { FieldError } from '@millrace/contracts';
import { type ConfigurationFiles, fileNames } from './configuration-files.ts';
import { entityKey, type EntityName } from './entities.ts';

/** Every breach in the whole folder; none: the files fit together. */
export function referenceErrors(files: ConfigurationFiles): readonly FieldError[] {
  const errors = new Errors();
  const tenants = errors.unique('tenants', files.tenants, 'tenant', ({ tenant }) => tenant);
  const scripts = errors.unique('scripts', files.scripts, 'scriptId', (it) => entityKey(it.tenant, it.scriptId));
  const products = errors.unique('products', files.products, 'productId', (it) => entityKey(it.tenant, it.productId));
  const devices = errors.unique('devices', files.devices, 'deviceUid', (it) => entityKey(it.tenant, it.deviceUid));
  const channels = errors.unique('channels', files.channels, 'channelId', (it) => entityKey(it.tenant, it.channelId));
  const templates = errors.unique('templates', files.templates, 'templateId', (it) =>
    entityKey(it.tenant, it.templateId),
  );
  errors.unique('apiKeys', files.apiKeys, 'keyId', ({ keyId }) => keyId);
  errors.unique('deviceCredentials', files.deviceCredentials, 'credentialId', ({ credentialId }) => credentialId);
  errors.unique('certificateAuthorities', files.certificateAuthorities, 'authorityId', (it) =>
    entityKey(it.tenant, it.authorityId),
  );
  errors.unique('tokenIssuers', files.tokenIssuers, 'issuerId', (it) => entityKey(it.tenant, it.issuerId));
  errors.unique('tokenIssuers', files.tokenIssuers, 'audience', (it) => `${it.issuer} ${it.audience}`);
  errors.unique('alarmRules', files.alarmRules, 'ruleId', (it) => entityKey(it.tenant, it.ruleId));
  errors.unique('statistics', files.statistics, 'statisticId', (it) => entityKey(it.tenant, it.statisticId));
  errors.unique('connections', files.connections, 'connectionId', (it) => entityKey(it.tenant, it.connectionId));
  errors.unique('devices', files.devices, 'identificationCode', (it) =>
    it.identificationCode === null ? undefined : entityKey(it.tenant, it.identificationCode),
  );

  for (const entity of Object.keys(fileNames) as EntityName[])
    for (const [index, { tenant }] of files[entity].entries())
      if (!tenants.has(tenant)) errors.unknown(entity, index, 'tenant', tenant);
  for (const [index, { tenant, scriptId }] of files.products.entries())
    if (scriptId !== null && !scripts.has(entityKey(tenant, scriptId)))
      errors.unknown('products', index, 'scriptId', scriptId);
  for (const [index, { tenant, productId }] of files.devices.entries())
    if (!products.has(entityKey(tenant, productId))) errors.unknown('devices', index, 'productId', productId);
  for (const [index, { tenant, deviceUid }] of files.deviceCredentials.entries())
    if (!devices.has(entityKey(tenant, deviceUid))) errors.unknown('deviceCredentials', index, 'deviceUid', deviceUid);
  for (const [index, { tenant, deviceFrom }] of files.connections.entries())
    if (deviceFrom.kind === 'fixed' && !devices.has(entityKey(tenant, deviceFrom.pattern)))
      errors.unknown('connections', index, 'deviceUid', deviceFrom.pattern);
  for (const [index, rule] of files.alarmRules.entries()) {
    const { tenant, productId, deviceUid } = rule;
    if (productId !== null && !products.has(entityKey(tenant, productId)))
      errors.unknown('alarmRules', index, 'productId', productId);
    if (deviceUid !== null && !devices.has(entityKey(tenant, deviceUid)))
      errors.unknown('alarmRules', index, 'deviceUid', deviceUid);
    for (const [target, { channelId, templateId }] of rule.notify.entries()) {
      if (!channels.has(entityKey(tenant, channelId)))
        errors.unknown('alarmRules', index, `notify[${target}].channelId`, channelId);
      if (!templates.has(entityKey(tenant, templateId)))
        errors.unknown('alarmRules', index, `notify[${target}].templateId`, templateId);
    }
  }
  for (const [index, { tenant, productId, deviceUids, scriptId }] of files.statistics.entries()) {
    if (productId !== null && !products.has(entityKey(tenant, productId)))
      errors.unknown('statistics', index, 'productId', productId);
    for (const [place, deviceUid] of deviceUids.entries())
      if (!devices.has(entityKey(tenant, deviceUid)))
        errors.unknown('statistics', index, `deviceUids[${place}]`, deviceUid);
    if (scriptId !== null && !scripts.has(entityKey(tenant, scriptId)))
      errors.unknown('statistics', index, 'scriptId', scriptId);
  }
  return errors.found;
}

class Errors {
  readonly found: FieldError[] = [];

  /** The keys of the entities; one that was there before is an error. */
  unique<T>(
    entity: EntityName,
    entities: readonly T[],
    field: string,
    keyOf: (it: T) => string | undefined,
  ): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const [index, it] of entities.entries()) {
      const key = keyOf(it);
      if (key === undefined) continue;
      if (keys.has(key)) this.#add(entity, index, field, 'duplicate', `${key} is there already.`);
      keys.add(key);
    }
    return keys;
  }

  unknown(entity: EntityName, index: number, field: string, id: string): void {
    this.#add(entity, index, field, 'unknown_reference', `There is no ${id} in this tenant's configuration.`);
  }

  #add(entity: EntityName, index: number, field: string, code: string, detail: string): void {
    this.found.push({ field: `${fileNames[entity]}[${index}].${field}`, code, detail });
  }
}
