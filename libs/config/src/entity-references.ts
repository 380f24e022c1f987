/** What an entity refers to: each must be there, in the same tenant. */
import type { ConfigurationFiles } from './configuration-files.ts';
import type { EntityName } from './entities.ts';

export interface EntityReference {
  readonly entity: EntityName;
  readonly id: string;
  /** Where it stands in the entity: `notify[0].channelId`. */
  readonly field: string;
}

/** Members that matter here are the same in a file and in what is published of it. */
type Referring<E extends EntityName> = ConfigurationFiles[E][number];

type References = { readonly [E in EntityName]: (it: Referring<E>) => readonly EntityReference[] };

const none = (): readonly EntityReference[] => [];

const references: References = {
  tenants: none,
  scripts: none,
  apiKeys: none,
  certificateAuthorities: none,
  tokenIssuers: none,
  deviceCredentials: ({ deviceUid }) => reference('devices', 'deviceUid', deviceUid),
  channels: none,
  templates: none,
  products: ({ scriptId }) => reference('scripts', 'scriptId', scriptId),
  devices: ({ productId }) => reference('products', 'productId', productId),
  alarmRules: ({ productId, deviceUid, notify }) => [
    ...reference('products', 'productId', productId),
    ...reference('devices', 'deviceUid', deviceUid),
    ...notify.flatMap(({ channelId, templateId }, index) => [
      ...reference('channels', `notify[${index}].channelId`, channelId),
      ...reference('templates', `notify[${index}].templateId`, templateId),
    ]),
  ],
  statistics: ({ productId, deviceUids, scriptId }) => [
    ...reference('products', 'productId', productId),
    ...deviceUids.flatMap((uid, index) => reference('devices', `deviceUids[${index}]`, uid)),
    ...reference('scripts', 'scriptId', scriptId),
  ],
  connections: ({ deviceFrom }) =>
    deviceFrom.kind === 'fixed' ? reference('devices', 'deviceUid', deviceFrom.pattern) : [],
};

export function referencesOf<E extends EntityName>(entity: E, it: Referring<E>): readonly EntityReference[] {
  return references[entity](it);
}

function reference(entity: EntityName, field: string, id: string | null): readonly EntityReference[] {
  return id === null ? [] : [{ entity, field, id }];
}
