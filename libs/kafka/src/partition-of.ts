/** Kafka's default partitioner (murmur2 of the key), so that Java and other clients find a key in the same partition. */

const seed = 0x9747b28c | 0;
const multiplier = 0x5bd1e995;

/** The partition of a key in a topic of `partitions` partitions, as Java's default partitioner chooses it. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** Signed 32-bit murmur2 of the key's UTF-8 bytes, as `org.apache.kafka.common.utils.Utils.murmur2`. */
export function murmur2(key: string): number {
  // Device keys are ASCII, where a character is a byte: no bytes are made of them.
  const bytes = Buffer.byteLength(key) === key.length ? key : Buffer.from(key).toString('latin1');
  const whole = bytes.length & ~3;
  let hash = seed ^ bytes.length;
  for (let at = 0; at < whole; at += 4) {
    const low = bytes.charCodeAt(at) | (bytes.charCodeAt(at + 1) << 8);
    const high = (bytes.charCodeAt(at + 2) << 16) | (bytes.charCodeAt(at + 3) << 24);
    let word = Math.imul(low | high, multiplier);
    word = Math.imul(word ^ (word >>> 24), multiplier);
    hash = Math.imul(hash, multiplier) ^ word;
  }
  if (whole < bytes.length) {
    for (let at = bytes.length - 1; at >= whole; at -= 1) hash ^= bytes.charCodeAt(at) << ((at & 3) * 8);
    hash = Math.imul(hash, multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
}
