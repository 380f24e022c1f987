/** The type of a field in words, with its unit where the name or the logical type says one. */
import { type AvroField, type AvroSchema, isUnion, shortName } from './avro-schema.ts';

export function fieldTypeOf({ name, type, ...field }: AvroField): string {
  const words = wordsOf(type);
  const unit = name.endsWith('Micros') && !words.includes('µs') ? ', µs' : '';
  const fallback = Object.hasOwn(field, 'default') ? `; default ${JSON.stringify(field.default)}` : '';
  return `${words}${unit}${fallback}`;
}

function wordsOf(schema: AvroSchema): string {
  if (typeof schema === 'string') return shortName(schema);
  if (isUnion(schema)) return schema.map(wordsOf).join(' or ');
  if (schema.logicalType === 'timestamp-micros') return 'timestamp-micros (long, µs since 1970-01-01 UTC)';
  if (schema.items !== undefined) return `array of ${wordsOf(schema.items)}`;
  if (schema.values !== undefined) return `map of ${wordsOf(schema.values)}`;
  if (schema.symbols) return `enum: ${schema.symbols.join(', ')}`;
  if (schema.size !== undefined) return `${schema.size} bytes (fixed)`;
  return schema.fields ? `record ${schema.name}` : wordsOf(schema.type);
}
