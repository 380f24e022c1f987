/**
 * The modules inside kafkajs that are replaced or used directly. The version is pinned exactly, and each replacement has a
 * test that fails when kafkajs is not the one it was written for.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The exports of `kafkajs/src/<path>`. */
export function internalModule<T>(path: string): T {
  return require(`kafkajs/src/${path}`) as T;
}

/** Gives every later `require` of `kafkajs/src/<path>` something else; kafkajs itself must not be loaded yet. */
export function replaceInternalModule(path: string, exports: unknown): void {
  const file = require.resolve(`kafkajs/src/${path}`);
  require(file);
  const loaded = require.cache[file];
  if (!loaded) throw new Error(`kafkajs/src/${path} could not be replaced.`);
  loaded.exports = exports;
}
