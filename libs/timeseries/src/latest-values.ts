/**
 * The latest value of every signal, in Redis, because QuestDB scans far back for a device that is silent. A newer value
 * wins whatever the order of writing, so repeats, late rows and several writers are harmless.
 *
 * Redis may lose what it had. The key `latest:complete` holds the run id of the Redis process for which the values are
 * known to be complete; a restarted Redis has another one, and a new or emptied one has none. Then every write says so, and
 * `rebuildLatest` reads them back from QuestDB. Redis has to run without eviction.
 */
import { deviceKey, MillraceError } from '@millrace/contracts';
import type { Redis } from 'ioredis';
import { decodeLatest, encodeLatest, latestKey, rankChars } from './latest-entry.ts';
import type { Point } from './point-query.ts';
import { countKeysLike, keysLike } from './redis.ts';

const completeKey = 'latest:complete';
const rebuildingKey = 'latest:rebuilding';

/** Fields in one call of the script: it blocks Redis for about 5 ms. */
const fieldsPerCallMax = 4_000;

/** A rebuild that died frees its turn after this time; two at once would only cost more. */
const rebuildTurnSeconds = 60;

/**
 * KEYS: `latest:complete`, then the devices. ARGV: run id, then for each device the number of its fields, then field and
 * entry of each. Sets what is at least as new as what is there. Returns 1 if the values are complete.
 */
const writeScript = `
local at = 2
for k = 2, #KEYS do
  local fields = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, fields do
    local known = redis.call('HGET', KEYS[k], ARGV[at])
    local entry = ARGV[at + 1]
    if not known or string.sub(known, 1, ${rankChars}) <= string.sub(entry, 1, ${rankChars}) then
      redis.call('HSET', KEYS[k], ARGV[at], entry)
    end
    at = at + 2
  end
end
if redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end
return 0`;

/** In one answer of `readMany`: some six megabytes of JSON, and 20 ms of Redis. */
export const latestValuesMax = 50_000;

/**
 * KEYS: the devices. ARGV: how many values there may be, then the signals that are asked for; none: all. Returns for each
 * device the entries of these signals, or field and entry of each; nil when there are more values.
 */
const readScript = `
local left = tonumber(ARGV[1])
local found = {}
for k = 1, #KEYS do
  if #ARGV > 1 then
    left = left - #ARGV + 1
  else
    left = left - redis.call('HLEN', KEYS[k])
  end
  if left < 0 then return false end
  if #ARGV > 1 then
    found[k] = redis.call('HMGET', KEYS[k], unpack(ARGV, 2))
  else
    found[k] = redis.call('HGETALL', KEYS[k])
  end
end
return found`;

/** Latest points of one device, by signal. */
export interface DeviceLatest {
  /** `tenant/deviceUid`. */
  readonly deviceKey: string;
  readonly points: ReadonlyMap<string, Point>;
}

interface Call {
  readonly keys: string[];
  readonly values: (string | number)[];
  fields: number;
}

interface WithScripts {
  writeLatest(keyCount: number, ...keysAndValues: readonly (string | number)[]): Promise<number>;
  readLatest(
    keyCount: number,
    ...keysAndValues: readonly (string | number)[]
  ): Promise<readonly (readonly (string | null)[])[] | null>;
}

export class LatestValues {
  readonly #redis: Redis & WithScripts;
  readonly #isDeleted: (tenant: string) => boolean;
  #knownRunId: string | undefined;

  /** `isDeleted`: of such a tenant nothing is written. */
  constructor(redis: Redis, isDeleted: (tenant: string) => boolean = () => false) {
    this.#isDeleted = isDeleted;
    redis.on('close', () => (this.#knownRunId = undefined));
    redis.defineCommand('writeLatest', { lua: writeScript });
    redis.defineCommand('readLatest', { lua: readScript });
    this.#redis = redis as Redis & WithScripts;
  }

  /**
   * Sets what is newer than what is there. Resolves with whether the values in Redis are complete; if not, a rebuild is
   * needed. Throws `cache_unavailable`; some may be set then, and all may come again.
   */
  async write(devices: Iterable<DeviceLatest>): Promise<boolean> {
    return this.#guard(async () => {
      let complete = true;
      for (const { keys, values } of callsOf(this.#kept(devices), await this.#runId()))
        if ((await this.#redis.writeLatest(keys.length, ...keys, ...values)) !== 1) complete = false;
      return complete;
    });
  }

  /** The latest points of a device by signal; none for a device that never sent. Throws `cache_unavailable`. */
  async read(tenant: string, deviceUid: string): Promise<ReadonlyMap<string, Point>> {
    const fields = await this.#guard(() => this.#redis.hgetall(latestKey(deviceKey(tenant, deviceUid))));
    return pointsOf(Object.entries(fields));
  }

  /**
   * The same of many devices in one round trip, in the order of the uids; `signals`: only these, none: all. Throws
   * `invalid_field` when there are more than `latestValuesMax` values, or `cache_unavailable`.
   */
  async readMany(
    tenant: string,
    deviceUids: readonly string[],
    signals: readonly string[] = [],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, Point>>> {
    if (deviceUids.length === 0) return new Map();
    const keys = deviceUids.map((uid) => latestKey(deviceKey(tenant, uid)));
    const found = await this.#guard(() => this.#redis.readLatest(keys.length, ...keys, latestValuesMax, ...signals));
    if (!found) throw tooManyValues();
    return new Map(
      deviceUids.map((uid, index) => {
        const entries = found[index] ?? [];
        const fields = signals.length > 0 ? signals.map((name, at) => [name, entries[at]] as const) : pairsOf(entries);
        return [uid, pointsOf(fields)];
      }),
    );
  }

  /** How many devices of the tenant have values here, while nobody adds or removes any. Throws `cache_unavailable`. */
  async countDevices(tenant: string): Promise<number> {
    return this.#guard(() => countKeysLike(this.#redis, keysOf(tenant)));
  }

  /** Forgets everything of the tenant. Throws `cache_unavailable`. */
  async forget(tenant: string): Promise<void> {
    await this.#guard(async () => {
      for await (const keys of keysLike(this.#redis, keysOf(tenant))) await this.#redis.unlink(...keys);
    });
  }

  /** The run id to give to `markComplete` when the rebuild is done; undefined: another process is rebuilding. */
  async beginRebuild(): Promise<string | undefined> {
    return this.#guard(async () => {
      const runId = await this.#runId();
      const turn = await this.#redis.set(rebuildingKey, runId, 'EX', rebuildTurnSeconds, 'NX');
      return turn === 'OK' ? runId : undefined;
    });
  }

  /** Everything that was lost is written again, to the Redis process with this run id. */
  async endRebuild(runId: string, outcome: 'complete' | 'failed'): Promise<void> {
    await this.#guard(async () => {
      if (outcome === 'complete') await this.#redis.set(completeKey, runId);
      await this.#redis.del(rebuildingKey);
    });
  }

  /** Values were dropped: whoever writes next has to rebuild. */
  async markIncomplete(): Promise<void> {
    await this.#guard(() => this.#redis.del(completeKey));
  }

  *#kept(devices: Iterable<DeviceLatest>): Generator<DeviceLatest> {
    for (const device of devices) if (!this.#isDeleted(tenantOfKey(device.deviceKey))) yield device;
  }

  /** Asked once for each connection: behind a new one may be a new process. */
  async #runId(): Promise<string> {
    if (this.#knownRunId !== undefined) return this.#knownRunId;
    const [, runId] = /^run_id:(\w+)/m.exec(await this.#redis.info('server')) ?? [];
    return (this.#knownRunId = runId ?? 'unknown');
  }

  async #guard<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw new MillraceError('cache_unavailable', `Redis failed: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** Arguments of the script's calls, each of at most `fieldsPerCallMax` fields unless one device has more. */
function* callsOf(devices: Iterable<DeviceLatest>, runId: string): Generator<Call> {
  let call: Call = { keys: [completeKey], values: [runId], fields: 0 };
  for (const { deviceKey: key, points } of devices) {
    if (call.fields > 0 && call.fields + points.size > fieldsPerCallMax) {
      yield call;
      call = { keys: [completeKey], values: [runId], fields: 0 };
    }
    call.keys.push(latestKey(key));
    call.values.push(points.size);
    for (const [signal, point] of points) call.values.push(signal, encodeLatest(point));
    call.fields += points.size;
  }
  yield call;
}

/** Pattern of the keys of all its devices. */
function keysOf(tenant: string): string {
  return latestKey(deviceKey(tenant, '*'));
}

/** A key is `tenant/deviceUid`. */
function tenantOfKey(key: string): string {
  return key.slice(0, key.indexOf('/'));
}

/** What was not written by `encodeLatest` is left out. */
function pointsOf(
  fields: Iterable<readonly [signal: string, entry: string | null | undefined]>,
): ReadonlyMap<string, Point> {
  const points = new Map<string, Point>();
  for (const [signal, entry] of fields) {
    const point = entry ? decodeLatest(entry) : undefined;
    if (point) points.set(signal, point);
  }
  return points;
}

function* pairsOf(flat: readonly (string | null)[]): Generator<readonly [string, string | null | undefined]> {
  for (let at = 0; at < flat.length; at += 2) yield [flat[at] ?? '', flat[at + 1]];
}

function tooManyValues(): MillraceError {
  const detail = `These devices may have more than ${latestValuesMax} latest values; ask for fewer devices or name signals.`;
  return new MillraceError('invalid_field', `devices: ${detail}`, {
    errors: [{ field: 'devices', code: 'too_big', detail }],
  });
}
