/** How this library talks to Redis: fail fast, never queue; what failed is kept by the caller and sent again. */
import { Redis } from 'ioredis';

/** Far above a healthy answer (under 1 ms for a thousand fields); a hung Redis must not hold its callers. */
const commandMsMax = 2_000;

/** Upper bound between attempts to connect: Redis is back within a second or two after a restart. */
const reconnectMsMax = 1_000;

/** `url`: `redis://host:port`. Errors of the connection are told by the commands; `onError` hears them for the log. */
export function connectRedis(url: string, onError: (error: Error) => void = () => undefined): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandMsMax,
    retryStrategy: (attempt) => Math.min(attempt * 50, reconnectMsMax),
  });
  redis.on('error', onError);
  return redis;
}

/** Redis looks at so many keys in one call: under a millisecond. */
const keysPerScan = 1_000;

/** Keys that match a pattern of Redis, some at a time and some of them twice, while nobody adds any. */
export async function* keysLike(redis: Redis, pattern: string): AsyncGenerator<readonly string[]> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', keysPerScan);
    if (keys.length > 0) yield keys;
    cursor = next;
  } while (cursor !== '0');
}

/** How many keys match a pattern. */
export async function countKeysLike(redis: Redis, pattern: string): Promise<number> {
  const found = new Set<string>();
  for await (const keys of keysLike(redis, pattern)) for (const key of keys) found.add(key);
  return found.size;
}
