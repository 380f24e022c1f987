/** Connections, as programs create, change, move and delete them. One change of a connection runs at a time, over all instances. */
import { isDeepStrictEqual } from 'node:util';
import type { KeyedSecrets } from '@millrace/auth';
import { type Configuration, entityKey, fileFormOf, plain } from '@millrace/config';
import { type ConnectionConfig, MillraceError } from '@millrace/contracts';
import { type Expected, mergePatch } from '@millrace/platform/rest';
import { type Cluster, takers } from './cluster.ts';
import type { ConnectionStore, StoredConnection } from './connection-store.ts';
import type { Creations } from './creations.ts';
import { requestedConnection } from './requested-connection.ts';
import type { WriteTurns } from './write-turns.ts';

/** An owner is found within a second; who creates a connection does not wait for more. */
const assignedMsMax = 3_000;

export interface ConnectionsParts {
  readonly configuration: Pick<Configuration, 'all' | 'tenant' | 'isDeleted'>;
  readonly secrets: KeyedSecrets;
  readonly store: ConnectionStore;
  readonly turns: WriteTurns;
  readonly creations: Creations;
  readonly cluster: Cluster;
}

/** A change that was made. */
export interface Written extends StoredConnection {
  readonly isNew: boolean;
}

export class Connections {
  readonly #parts: ConnectionsParts;

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
  }

  /** Throws `not_found`. */
  get(tenant: string, connectionId: string): StoredConnection {
    const found = this.#parts.store.find(tenant, connectionId);
    if (!found) throw new MillraceError('not_found', `There is no connection ${connectionId}.`);
    return found;
  }

  /** Null: of all tenants. In the order of their keys. */
  list(tenant: string | null): readonly StoredConnection[] {
    return this.#parts.store.list(tenant);
  }

  /**
   * The same request again gives what the first one made. Throws `already_exists` for another connection of this id, and
   * `capacity_exhausted` when no instance has room: then the connection is kept, and not in use until one has.
   */
  async create(tenant: string, body: unknown, idempotencyKey?: string): Promise<Written> {
    const { creations, secrets } = this.#parts;
    const request = idempotencyKey && { tenant, key: idempotencyKey, hash: secrets.hash(JSON.stringify(body)) };
    if (request) {
      const made = await creations.find(request);
      if (made !== undefined) return this.#withOwner({ ...this.get(tenant, made), isNew: false });
    }
    const connectionId = idIn(body);
    const created = await this.#change(tenant, connectionId, undefined, (before) => {
      const wanted = this.#read(tenant, body, body, before?.config);
      if (before && !isSame(wanted, before.config))
        throw new MillraceError(
          'already_exists',
          `There is another connection ${connectionId}; change it by PATCH or PUT.`,
        );
      return wanted;
    });
    if (request) await creations.remember(request, connectionId);
    return this.#withOwner(created);
  }

  /** Takes the place of what there is, or creates it. Secrets that the body does not name stay. Throws as `create` and `patch`. */
  async replace(tenant: string, connectionId: string, body: unknown, expected: Expected): Promise<Written> {
    const whole = withId(body, connectionId);
    const written = await this.#change(tenant, connectionId, expected, (before) =>
      this.#read(tenant, whole, body, before?.config),
    );
    return written.isNew ? this.#withOwner(written) : written;
  }

  /** A merge patch of what `GET` shows. Throws `not_found`, `precondition_failed`, `invalid_field`, `in_use` of the folder's. */
  patch(tenant: string, connectionId: string, patch: unknown, expected: Expected): Promise<Written> {
    return this.#change(tenant, connectionId, expected, (before) => {
      const { tenant: _, ...form } = fileFormOf('connections', (before ?? this.get(tenant, connectionId)).config);
      return this.#read(tenant, withId(mergePatch(form, patch), connectionId), patch, before?.config);
    });
  }

  /** Gives the offset of the deletion. Throws `not_found`, `precondition_failed`, `in_use` of the folder's. */
  remove(tenant: string, connectionId: string, expected: Expected): Promise<bigint> {
    const { store, turns } = this.#parts;
    const key = entityKey(tenant, connectionId);
    return turns.inTurn(key, (signal) => {
      const before = this.get(tenant, connectionId);
      requireChangeable(before, expected);
      return store.write(key, null, before.revision, signal);
    });
  }

  /** Throws `not_found`, for an instance that is not alive too, and `capacity_exhausted` for one that takes none. */
  async move(tenant: string, connectionId: string, instance: string): Promise<StoredConnection> {
    const { cluster } = this.#parts;
    const found = this.get(tenant, connectionId);
    const view = cluster.view();
    const target = view.instances.find((one) => one.instance === instance);
    if (!target)
      throw new MillraceError('not_found', `There is no instance ${instance}; GET /v1/instances lists them.`);
    if (view.ownerOf(found.key) === instance) return found;
    if (!takers(view).includes(target))
      throw new MillraceError(
        'capacity_exhausted',
        `${instance} takes no connections: it is ${target.state} and has ${target.load} of ${target.capacity}.`,
      );
    await cluster.move(found.key, instance);
    return found;
  }

  #read(tenant: string, body: unknown, sent: unknown, before: ConnectionConfig | undefined): ConnectionConfig {
    const { configuration, secrets } = this.#parts;
    return requestedConnection(tenant, body, sent, before, configuration, secrets);
  }

  /** Nothing is written when nothing is different. */
  async #change(
    tenant: string,
    connectionId: string,
    expected: Expected,
    wantedOf: (before: StoredConnection | undefined) => ConnectionConfig,
  ): Promise<Written> {
    const { store, turns, configuration } = this.#parts;
    const key = entityKey(tenant, connectionId);
    return turns.inTurn(key, async (signal) => {
      if (configuration.isDeleted(tenant))
        throw new MillraceError('tenant_deleted', `The tenant ${tenant} was deleted.`);
      const before = store.find(tenant, connectionId);
      if (!before && expected !== undefined) this.get(tenant, connectionId);
      const config = wantedOf(before);
      if (before && isSame(config, before.config) && (expected ?? before.revision) === before.revision)
        return { ...before, isNew: false };
      if (before) requireChangeable(before, expected);
      const revision = await store.write(key, config, before?.revision, signal);
      return { key, config, revision, isNew: before === undefined };
    });
  }

  async #withOwner(written: Written): Promise<Written> {
    const { cluster, configuration } = this.#parts;
    const { key, config } = written;
    const isWanted = config.enabled && (configuration.tenant(config.tenant)?.state ?? 'active') === 'active';
    if (!isWanted || cluster.view().ownerOf(key) !== undefined) return written;
    const isFull = (): boolean => takers(cluster.view()).length === 0;
    const owner = isFull() ? undefined : await cluster.assigned(key, AbortSignal.timeout(assignedMsMax));
    if (owner === undefined && isFull()) throw exhausted(cluster, config.connectionId);
    return written;
  }
}

function exhausted(cluster: Cluster, connectionId: string): MillraceError {
  const { instances } = cluster.view();
  const loads = instances.map(
    ({ instance, load, capacity, accepting }) => `${instance} ${load} of ${capacity}${accepting ? '' : ', closed'}`,
  );
  return new MillraceError(
    'capacity_exhausted',
    `No instance has room for ${connectionId} (${loads.join('; ')}). It is kept, and in use as soon as one has: start another ` +
      'instance, or raise MILLRACE_CONNECTIONS_MAX.',
  );
}

function requireChangeable({ config, revision }: StoredConnection, expected: Expected): void {
  if (config.origin !== 'api')
    throw new MillraceError(
      'in_use',
      `The configuration folder of the client manager says what ${config.connectionId} is: change connections.json there.`,
    );
  if (expected !== undefined && expected !== revision)
    throw new MillraceError(
      'precondition_failed',
      'It has been changed since you read it; read it again and repeat your change.',
    );
}

/** Who wrote it is no part of what it is. */
function isSame(one: ConnectionConfig, other: ConnectionConfig): boolean {
  return isDeepStrictEqual(plain({ ...one, origin: '' }), plain({ ...other, origin: '' }));
}

function idIn(body: unknown): string {
  const id: unknown = Reflect.get(Object(body), 'connectionId');
  return typeof id === 'string' ? id : '';
}

/** Throws `invalid_field` for a body that names another. */
function withId(body: unknown, connectionId: string): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const detail = 'The id of a connection does not change; create another one.';
  if (Object.hasOwn(body, 'connectionId') && idIn(body) !== connectionId)
    throw new MillraceError('invalid_field', `connectionId: ${detail}`, {
      errors: [{ field: 'connectionId', code: 'immutable', detail }],
    });
  return { ...body, connectionId };
}
