/**
 * The versions of every topic's schema that there ever were, committed as `libs/contracts/history/<topic>/<n>.avsc` without
 * their documentation, and the promise that a new one may take their place: subscribers run with any of them, and records
 * of all of them are in the topics. A version that was committed is never changed or removed.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compatibilityOf, schemaOf, type Topic, topics } from '@millrace/contracts';
import avro, { type Schema } from 'avsc';
import { isDeepStrictEqual } from 'node:util';
import { type AvroSchema, fieldsOf, isUnion } from './avro-schema.ts';
import { type GeneratedFile } from './generated-file.ts';

const folder = 'libs/contracts/history';

/**
 * A file for each version: those that are committed and, where a schema has changed, the next. Throws an error with one
 * sentence for each topic whose schema may not take the place of an earlier one.
 */
export function historyFiles(root: string): GeneratedFile[] {
  const catalogue = Object.values(topics).filter(({ schema }) => schema);
  const refused: string[] = [];
  const files = catalogue.flatMap((topic) => {
    const committed = committedVersions(root, topic.name);
    const shape = shapeOf(schemaOf(topic.name) as AvroSchema);
    refused.push(...refusals(topic, committed, shape));
    const all = isDeepStrictEqual(committed.at(-1), shape) ? committed : [...committed, shape];
    return all.map((version, index) => ({
      path: `${folder}/${topic.name}/${index + 1}.avsc`,
      text: `${JSON.stringify(version, null, 2)}\n`,
    }));
  });
  if (refused.length > 0) throw new Error(refused.join('\n'));
  return files;
}

/** A sentence for each earlier version, counted from 1, whose place the schema may not take. */
export function refusals(
  topic: Pick<Topic, 'name' | 'audience'>,
  earlier: readonly AvroSchema[],
  schema: AvroSchema,
): string[] {
  return earlier.flatMap((version, index) => {
    const reason = incompatibility(topic, version, schema);
    if (reason === undefined) return [];
    const next = topic.name.replace(/\d+$/, (number) => String(Number(number) + 1));
    return [
      `The schema of ${topic.name} is not compatible with its version ${index + 1} (${reason}): ` +
        `undo the change, or make a new topic ${next} for it.`,
    ];
  });
}

/**
 * Why, or undefined. Whoever reads with the new schema must be able to read what was written with the old one; of published
 * topics the other way round as well, and a number must go on meaning the same: Avro itself takes milliseconds for
 * microseconds without a word.
 */
function incompatibility(
  topic: Pick<Topic, 'name' | 'audience'>,
  old: AvroSchema,
  schema: AvroSchema,
): string | undefined {
  const isFull = compatibilityOf(topic) === 'FULL_TRANSITIVE';
  return (
    unreadable({ writer: old, reader: schema }) ??
    (isFull ? unreadable({ writer: schema, reader: old }) : undefined) ??
    otherMeaning(old, schema)
  );
}

function unreadable({ writer, reader }: { writer: AvroSchema; reader: AvroSchema }): string | undefined {
  try {
    const type = avro.Type.forSchema(reader as Schema);
    type.createResolver(avro.Type.forSchema(writer as Schema));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function otherMeaning(old: AvroSchema, schema: AvroSchema): string | undefined {
  const now = new Map(fieldsOf(schema).map(({ path, field }) => [path, logicalTypesOf(field.type)]));
  const changed = fieldsOf(old).find(({ path, field }) => {
    const types = now.get(path);
    return types !== undefined && types.join() !== logicalTypesOf(field.type).join();
  });
  return changed && `the logical type of ${changed.path} has changed`;
}

/** Those of a field itself, of the branches of its union, and of the items of its array or map. */
function logicalTypesOf(schema: AvroSchema): string[] {
  if (typeof schema === 'string') return [];
  if (isUnion(schema)) return schema.flatMap(logicalTypesOf);
  if (schema.logicalType !== undefined) return [schema.logicalType];
  return logicalTypesOf(schema.items ?? schema.values ?? (typeof schema.type === 'string' ? [] : schema.type));
}

/** Without documentation, which may change at any time. */
export function shapeOf(schema: AvroSchema): AvroSchema {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === 'doc' && typeof value === 'string' ? undefined : value,
  );
  return JSON.parse(text) as AvroSchema;
}

function committedVersions(root: string, topicName: string): AvroSchema[] {
  return globSync(join(root, folder, topicName, '*.avsc'))
    .toSorted((a, b) => Number(basename(a, '.avsc')) - Number(basename(b, '.avsc')))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as AvroSchema);
}
