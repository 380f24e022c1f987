import { MillraceError } from '@millrace/contracts';
import { ManualClock } from '@millrace/testkit';
import avsc, { type Type } from 'avsc';
import { expect, test } from 'vitest';
import { WriterSchemas } from './writer-schemas.ts';

const text = avsc.Type.forSchema('string');

/** A registry with what is put into it, which counts how often it is asked. */
class Shelf {
  readonly asked: number[] = [];
  readonly schemas = new Map<number, Type>();
  readonly clock = new ManualClock();
  readonly writers = new WriterSchemas((id) => this.#load(id), this.clock);
  away = false;

  #load(id: number): Promise<Type> {
    this.asked.push(id);
    if (this.away) return Promise.reject(new MillraceError('registry_unavailable', 'The registry is away.'));
    const type = this.schemas.get(id);
    return type
      ? Promise.resolve(type)
      : Promise.reject(new MillraceError('unknown_schema', 'There is no such schema.'));
  }
}

test('a schema is asked for once', async () => {
  const shelf = new Shelf();
  shelf.schemas.set(1, text);
  await shelf.writers.decide([1, 1]);
  expect(shelf.writers.decide([1])).toBeUndefined();
  expect(shelf.writers.writerOf(1)).toBe(text);
  expect(shelf.asked).toEqual([1]);
});

test('an id nobody has prepared is to be tried later, and is loaded meanwhile', async () => {
  const shelf = new Shelf();
  shelf.schemas.set(1, text);
  expect(() => shelf.writers.writerOf(1)).toThrow(expect.objectContaining({ retry: 'later' }));
  await shelf.writers.decide([1]);
  expect(shelf.writers.writerOf(1)).toBe(text);
});

test('an unknown id is decided, and asked for again only after a while', async () => {
  const shelf = new Shelf();
  await shelf.writers.decide([1]);
  expect(() => shelf.writers.writerOf(1)).toThrow(expect.objectContaining({ code: 'unknown_schema' }));
  shelf.schemas.set(1, text);
  expect(() => shelf.writers.writerOf(1)).toThrow(expect.objectContaining({ code: 'unknown_schema' }));
  expect(shelf.asked).toEqual([1]);
  await shelf.clock.advance(11_000);
  await shelf.writers.decide([1]);
  expect(shelf.writers.writerOf(1)).toBe(text);
});

test('a registry that is away is asked again soon', async () => {
  const shelf = new Shelf();
  shelf.schemas.set(1, text);
  shelf.away = true;
  await expect(shelf.writers.decide([1])).rejects.toMatchObject({ code: 'registry_unavailable' });
  shelf.away = false;
  await shelf.clock.advance(600);
  await shelf.writers.decide([1]);
  expect(shelf.writers.writerOf(1)).toBe(text);
});

test('ids made up by somebody do not fill the memory', async () => {
  const shelf = new Shelf();
  shelf.schemas.set(0, text);
  for (let id = 0; id < 1_500; id += 1) await shelf.writers.decide([id]);
  await shelf.writers.decide([0]);
  expect(shelf.asked.filter((id) => id === 0)).toHaveLength(2);
});
