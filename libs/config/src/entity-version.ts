/** Versions of entities that have one, as they are published. */
import { isDeepStrictEqual } from 'node:util';

/** A change of content is a new version even where the file does not say so; the file may ask for a higher one. */
export function countOn<T extends { readonly version: number }>(wanted: T, published: T | undefined): T {
  if (!published) return wanted;
  const same = isDeepStrictEqual(plain({ ...wanted, version: 0 }), plain({ ...published, version: 0 }));
  return { ...wanted, version: Math.max(wanted.version, published.version + (same ? 0 : 1)) };
}

/** Decoded records have classes of their own. */
export function plain(entity: object): unknown {
  return JSON.parse(JSON.stringify(entity));
}
