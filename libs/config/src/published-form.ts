/** From the form people write to the form on the topics: secrets become hashes or sealed bytes, versions count on. */
import { X509Certificate } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { certificateHash, type ChannelConfig, type ConnectionConfig } from '@millrace/contracts';
import type { ConfigurationFiles } from './configuration-files.ts';
import { type Entities, entityKinds, type EntityName } from './entities.ts';

/** Turns secrets of the folder into what may stand on a topic; made from MILLRACE_SECRET_KEY by the service. */
export interface SecretKeeper {
  /** Keyed hash; the same for the same secret. */
  hash(secret: string): string;
  /**
   * Encrypted bytes that open for the same purpose only; `published` again where they hold this secret already, so that an
   * unchanged folder changes nothing.
   */
  seal(secret: string, purpose: string, published: Buffer | null): Buffer;
}

type Published<E extends EntityName> = ReadonlyMap<string, Entities[E]>;

type Forms = {
  readonly [E in EntityName]: (
    file: ConfigurationFiles[E][number],
    published: Entities[E] | undefined,
    secrets: SecretKeeper,
  ) => Entities[E];
};

/** The entities of one kind as they shall stand on their topic, by key. `published`: what stands there now. */
export function publishedForm<E extends EntityName>(
  entity: E,
  files: ConfigurationFiles,
  published: Published<E>,
  secrets: SecretKeeper,
): ReadonlyMap<string, Entities[E]> {
  const keyOf: (it: Entities[E]) => string = entityKinds[entity].keyOf;
  const form: Forms[E] = forms[entity];
  const entities = new Map<string, Entities[E]>();
  for (const file of files[entity]) {
    const key = keyOf(file as unknown as Entities[E]);
    entities.set(key, form(file, published.get(key), secrets));
  }
  return entities;
}

/** One entity as it shall stand on its topic. `published`: as it stands there now. */
export function publishedEntity<E extends EntityName>(
  entity: E,
  file: ConfigurationFiles[E][number],
  published: Entities[E] | undefined,
  secrets: SecretKeeper,
): Entities[E] {
  const form: Forms[E] = forms[entity];
  return form(file, published, secrets);
}

const forms: Forms = {
  tenants: (file) => file,
  products: (file) => file,
  channels: ({ secrets: plainSecrets, ...channel }, published, secrets) => ({
    ...channel,
    secretsSealed:
      Object.keys(plainSecrets).length === 0
        ? null
        : secrets.seal(JSON.stringify(plainSecrets), channelSecretsPurpose(channel), published?.secretsSealed ?? null),
  }),
  templates: (file) => file,
  alarmRules: (file, published) => countOn(file, published),
  statistics: (file, published) => countOn(file, published),
  scripts: ({ tenant, scriptId, version, language, source }, published) =>
    countOn({ tenant, scriptId, version, language, source }, published),
  devices: ({ passwords, passwordHashes, ...device }, _, secrets) => ({
    ...device,
    passwordHashes: [...passwordHashes, ...passwords.map((password) => secrets.hash(password))],
  }),
  apiKeys: ({ tenant, keyId, key, hash, scopes, expiresAt }, _, secrets) => ({
    tenant,
    keyId,
    hash: key === undefined ? (hash ?? '') : secrets.hash(key),
    scopes,
    expiresAtMicros: expiresAt === null ? null : Date.parse(expiresAt) * 1000,
  }),
  deviceCredentials: ({ key, certificate, hash, expiresAt, ...credential }, _, secrets) => ({
    ...credential,
    hash:
      hash ?? (certificate === undefined ? secrets.hash(key ?? '') : certificateHash(new X509Certificate(certificate))),
    expiresAtMicros: expiresAt === null ? null : Date.parse(expiresAt) * 1000,
  }),
  certificateAuthorities: (file) => file,
  tokenIssuers: (file) => file,
  connections: ({ password, ...connection }, published, secrets) => ({
    ...connection,
    passwordSealed:
      password === null
        ? null
        : secrets.seal(password, connectionPasswordPurpose(connection), published?.passwordSealed ?? null),
  }),
};

/** What a connection's password is sealed for, and has to be opened for. */
export function connectionPasswordPurpose(connection: Pick<ConnectionConfig, 'tenant' | 'connectionId'>): string {
  return `connection ${connection.tenant}/${connection.connectionId} password`;
}

/** As `connectionPasswordPurpose`, of a channel's secrets. */
export function channelSecretsPurpose(channel: Pick<ChannelConfig, 'tenant' | 'channelId'>): string {
  return `channel ${channel.tenant}/${channel.channelId} secrets`;
}

/** A change of content is a new version even where the file does not say so; the file may ask for a higher one. */
function countOn<T extends { readonly version: number }>(wanted: T, published: T | undefined): T {
  if (!published) return wanted;
  const same = isDeepStrictEqual(plain({ ...wanted, version: 0 }), plain({ ...published, version: 0 }));
  return { ...wanted, version: Math.max(wanted.version, published.version + (same ? 0 : 1)) };
}

/** Decoded records have classes of their own. */
export function plain(entity: object): unknown {
  return JSON.parse(JSON.stringify(entity));
}
