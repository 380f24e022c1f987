/** Identity of a message, 16 bytes: the same for the same sender's id, random where there is none. */
import { hash, randomFillSync } from 'node:crypto';

const idBytes = 16;
/** Asking the system for random bytes costs the same for one id as for this many. */
const pooledIds = 256;

let pool = Buffer.alloc(0);

/**
 * The first 16 bytes of SHA-256 of `tenant NUL deviceUid NUL senderId`: a message that is sent again is recognised by it,
 * and no device can take the id of another one's message. Without a sender's id each message is a new one.
 */
export function messageIdOf(tenant: string, deviceUid: string, senderId: string | null): Buffer {
  if (senderId === null) return randomId();
  return hash('sha256', `${tenant}\0${deviceUid}\0${senderId}`, 'buffer').subarray(0, idBytes);
}

function randomId(): Buffer {
  if (pool.length === 0) pool = randomFillSync(Buffer.allocUnsafeSlow(idBytes * pooledIds));
  const id = pool.subarray(0, idBytes);
  pool = pool.subarray(idBytes);
  return id;
}
