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
