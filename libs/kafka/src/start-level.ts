/** How loud a start is about what it waits for: silence is normal operation. */

/** What is started together waits for each other this long: Kafka, the registry, topics that another service creates. */
const startMsUsual = 5_000;

/** Level of a notice that something is tried again since `triedMs`: only what takes unusually long is an operator's matter. */
export function startLevel(triedMs: number): 'debug' | 'warn' {
  return triedMs < startMsUsual ? 'debug' : 'warn';
}
