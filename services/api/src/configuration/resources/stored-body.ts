/** Entities as bodies of rows: JSON, in which bytes are base64. */
import type { Entities, EntityName } from '@millrace/config';
import type { Body, Json } from '@millrace/control';

interface StoredBytes {
  readonly $bytes: string;
}

export function bodyOf<E extends EntityName>(entity: Entities[E]): Body {
  return stored(entity) as Body;
}

export function entityIn<E extends EntityName>(_: E, body: Body): Entities[E] {
  return restored(body) as Entities[E];
}

function stored(value: unknown): Json {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(stored);
  if (typeof value !== 'object' || value === null) return value as Json;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) => (one === undefined ? [] : [[name, stored(one)]])),
  );
}

function restored(value: Json): unknown {
  if (Array.isArray(value)) return value.map(restored);
  if (typeof value !== 'object' || value === null) return value;
  if (isBytes(value)) return Buffer.from(value.$bytes, 'base64');
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, restored(one)]));
}

function isBytes(value: object): value is StoredBytes {
  return '$bytes' in value && typeof value.$bytes === 'string';
}
