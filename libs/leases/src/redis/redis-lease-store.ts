/** The store in Redis: one connection for requests, none of which is ever sent again or late, and one for hints. */
import { randomUUID } from 'node:crypto';
import { MillraceError } from '@millrace/contracts';
import { Redis } from 'ioredis';
import type { LeaseReply, LeaseRequest, LeaseStore, Member } from '../lease-store.ts';
import { collections, leaseScripts } from './lease-scripts.ts';

/** One slot of a cluster for all keys. */
const defaultPrefix = 'millrace:{leases}:';

/** Upper bound between attempts to connect, as a share of the time for one command: a Redis that is back is noticed within a lease. */
const reconnectShare = 1 / 2;

/** A sign of life is gone after so many times its ttl: it is for people, and its end is a hint. */
const expiryTtls = 3;

export interface RedisLeaseStoreOptions {
  /** `redis://host:port/database` */
  readonly url: string;
  /** An answer that takes longer is none; a third of the ttl, so that two more may fail before a lease is over. */
  readonly commandMsMax: number;
  readonly prefix?: string;
  /** Errors of the connections, for the log; requests tell them as well. */
  readonly onError?: (error: Error) => void;
}

type Script = (...keysAndArguments: string[]) => Promise<readonly unknown[]>;

export class RedisLeaseStore implements LeaseStore {
  readonly #redis: Redis;
  readonly #listener: Redis;
  readonly #prefix: string;
  readonly #keys: readonly string[];
  readonly #scripts: Readonly<Record<LeaseRequest['kind'], Script>>;

  constructor({ url, commandMsMax, prefix = defaultPrefix, onError = () => undefined }: RedisLeaseStoreOptions) {
    this.#prefix = prefix;
    this.#keys = ['memory', ...collections].map((name) => prefix + name);
    const retryStrategy = (attempt: number): number => Math.min(attempt * 50, commandMsMax * reconnectShare);
    this.#redis = new Redis(url, {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: commandMsMax,
      connectTimeout: commandMsMax,
      retryStrategy,
    });
    this.#listener = new Redis(url, { connectTimeout: commandMsMax, retryStrategy, maxRetriesPerRequest: null });
    for (const connection of [this.#redis, this.#listener]) connection.on('error', onError);
    this.#scripts = defineScripts(this.#redis);
  }

  async ask(request: LeaseRequest): Promise<LeaseReply> {
    const sign = request.kind === 'look' ? 'alive' : `alive:${request.session}`;
    const keys = [...this.#keys, this.#prefix + sign];
    const script = this.#scripts[request.kind];
    try {
      const reply = await script(...keys, JSON.stringify(written(request)), randomUUID(), this.#channel);
      return request.kind === 'look' ? lookReply(reply) : changeReply(reply);
    } catch (error) {
      throw new MillraceError('cache_unavailable', 'Redis does not answer about leases.', { cause: error });
    }
  }

  onHint(hint: () => void): void {
    const database = this.#listener.options.db ?? 0;
    this.#listener.on('message', hint);
    this.#listener.on('pmessage', (_pattern, _channel, what) => {
      if (what === 'expired') hint();
    });
    this.#listener.subscribe(this.#channel).catch(() => undefined);
    this.#listener.psubscribe(`__keyspace@${database}__:${this.#prefix}alive:*`).catch(() => undefined);
  }

  close(): void {
    this.#redis.disconnect();
    this.#listener.disconnect();
  }

  get #channel(): string {
    return `${this.#prefix}hints`;
  }
}

function defineScripts(redis: Redis): Readonly<Record<LeaseRequest['kind'], Script>> {
  const names = Object.keys(leaseScripts) as LeaseRequest['kind'][];
  const defined = names.map((name) => {
    const command = `lease-${name}`;
    redis.defineCommand(command, { numberOfKeys: collections.length + 2, lua: leaseScripts[name] });
    const script: Script = async (...values) =>
      (redis as unknown as Readonly<Record<string, Script>>)[command]!.call(redis, ...values);
    return [name, script] as const;
  });
  return Object.fromEntries(defined) as Record<LeaseRequest['kind'], Script>;
}

/** A member travels as the text that stands in Redis, so that equal ones are equal there. */
function written(request: LeaseRequest): object {
  if (request.kind !== 'join' && request.kind !== 'renew') return request;
  const { member } = request;
  return { ...request, member: JSON.stringify(member), expiryMs: Math.ceil(member.ttlMs * expiryTtls) };
}

function changeReply([status, memory, keys]: readonly unknown[]): LeaseReply {
  return { kind: 'changed', status, memory, keys } as LeaseReply;
}

function lookReply([memory, version, beats, content]: readonly unknown[]): LeaseReply {
  const seen = { kind: 'seen', memory: String(memory), version: Number(version), beats: mapOf(beats, Number) } as const;
  if (!Array.isArray(content)) return { ...seen, content: undefined };
  const [members, owners, notInUse, moves, drains] = content as unknown[];
  return {
    ...seen,
    content: {
      members: mapOf(members, (text) => JSON.parse(text) as Member),
      owners: mapOf(owners, String),
      notInUse: new Set(mapOf(notInUse, String).keys()),
      moves: mapOf(moves, String),
      drains: mapOf(drains, (text) => text === '1'),
    },
  };
}

/** From fields and values in turn, without the field that carries the memory's name. */
function mapOf<T>(flat: unknown, read: (text: string) => T): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  const texts = flat as readonly string[];
  for (let i = 0; i < texts.length; i += 2) if (texts[i] !== '') found.set(texts[i]!, read(texts[i + 1]!));
  return found;
}
