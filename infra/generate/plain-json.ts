/** Values of Avro as the example subscribers print them: times in ISO 8601 with microseconds, fixed and bytes in hex. */
import { isoTimeOf } from '@millrace/contracts';
import { type AvroSchema, type AvroType, isUnion } from './avro-schema.ts';

export function plainJson(value: unknown, schema: AvroSchema): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (value === null || typeof schema === 'string') return value;
  if (isUnion(schema)) return plainJson(value, schema.find((branch) => branch !== 'null') ?? 'null');
  if (schema.fields) return plainRecord(value as Readonly<Record<string, unknown>>, schema);
  if (schema.items !== undefined)
    return (value as readonly unknown[]).map((item) => plainJson(item, schema.items as AvroSchema));
  if (schema.logicalType === 'timestamp-micros') return isoTimeOf(value as number);
  return value;
}

/** In the order of the schema, whatever the order of the value. */
function plainRecord(value: Readonly<Record<string, unknown>>, { fields = [] }: AvroType): object {
  return Object.fromEntries(fields.map(({ name, type }) => [name, plainJson(value[name], type)]));
}
