/** What the configuration folder holds after its check: the entities as people write them, with secrets in plain text. */
import type { z } from 'zod';
import type { EntityName } from './entities.ts';
import type { entitySchemas } from './entity-schemas.ts';

type FileEntity<E extends EntityName> = Readonly<z.infer<(typeof entitySchemas)[E]>>;

/** A script with the text of its file. */
export type ScriptFile = FileEntity<'scripts'> & { readonly source: string };

export interface ConfigurationFiles {
  readonly tenants: readonly FileEntity<'tenants'>[];
  readonly scripts: readonly ScriptFile[];
  readonly products: readonly FileEntity<'products'>[];
  readonly devices: readonly FileEntity<'devices'>[];
  readonly apiKeys: readonly FileEntity<'apiKeys'>[];
  readonly deviceCredentials: readonly FileEntity<'deviceCredentials'>[];
  readonly certificateAuthorities: readonly FileEntity<'certificateAuthorities'>[];
  readonly tokenIssuers: readonly FileEntity<'tokenIssuers'>[];
  readonly channels: readonly FileEntity<'channels'>[];
  readonly templates: readonly FileEntity<'templates'>[];
  readonly alarmRules: readonly FileEntity<'alarmRules'>[];
  readonly statistics: readonly FileEntity<'statistics'>[];
  readonly connections: readonly FileEntity<'connections'>[];
}

export const fileNames: { readonly [E in EntityName]: string } = {
  tenants: 'tenants.json',
  scripts: 'scripts.json',
  products: 'products.json',
  devices: 'devices.json',
  apiKeys: 'api-keys.json',
  deviceCredentials: 'device-credentials.json',
  certificateAuthorities: 'certificate-authorities.json',
  tokenIssuers: 'token-issuers.json',
  channels: 'channels.json',
  templates: 'templates.json',
  alarmRules: 'alarm-rules.json',
  statistics: 'statistics.json',
  connections: 'connections.json',
};
