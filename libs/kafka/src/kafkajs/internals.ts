/**
 * The modules inside kafkajs that are replaced or used directly. The version is pinned exactly, and each replacement has a
 * test that fails when kafkajs is not the one it was written for.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** What was replaced in this process, which may load this library twice (tests do). */
const replaced = (Reflect.get(globalThis, Symbol.for('millrace.kafkajs')) ?? new Map()) as Map<string, unknown>;
Reflect.set(globalThis, Symbol.for('millrace.kafkajs'), replaced);

/** The exports of `kafkajs/src/<path>`. */
export function internalModule<T>(path: string): T {
  return require(`kafkajs/src/${path}`) as T;
}

/** Gives every later `require` of `kafkajs/src/<path>` something else. Throws when kafkajs is loaded already. */
export function replaceInternalModule(path: string, exports: unknown): void {
  if (replaced.has(path)) return;
  if (require.cache[require.resolve('kafkajs')]?.loaded) throw new Error('kafkajs was loaded before it was repaired.');
  const file = require.resolve(`kafkajs/src/${path}`);
  replaced.set(path, require(file));
  const loaded = require.cache[file];
  if (!loaded) throw new Error(`kafkajs/src/${path} could not be replaced.`);
  loaded.exports = exports;
}

/** What kafkajs had at this place: tests compare with it. */
export function originalModule<T>(path: string): T {
  return (replaced.get(path) ?? internalModule(path)) as T;
}
