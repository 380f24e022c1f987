/** Avro schemas as they are committed: JSON, each named type written out where it is first used. */

export type AvroSchema = string | readonly AvroSchema[] | AvroType;

export interface AvroType {
  readonly type: string | AvroSchema;
  readonly name?: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly logicalType?: string;
  readonly fields?: readonly AvroField[];
  readonly items?: AvroSchema;
  readonly values?: AvroSchema;
  readonly symbols?: readonly string[];
  readonly size?: number;
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly doc?: string;
  readonly default?: unknown;
}

/** The name without its namespace. */
export const shortName = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

export interface PlacedField {
  /** `rows[].value`: `[]` stands for the items of an array, `{}` for the values of a map. */
  readonly path: string;
  readonly field: AvroField;
}

/** The fields of a record and of the records in it, outer ones first. */
export function fieldsOf(schema: AvroSchema, path = ''): PlacedField[] {
  if (typeof schema === 'string') return [];
  if (isUnion(schema)) return schema.flatMap((branch) => fieldsOf(branch, path));
  if (schema.items !== undefined) return fieldsOf(schema.items, `${path}[]`);
  if (schema.values !== undefined) return fieldsOf(schema.values, `${path}{}`);
  if (schema.fields === undefined) return typeof schema.type === 'string' ? [] : fieldsOf(schema.type, path);
  return schema.fields.flatMap((field) => {
    const place = path === '' ? field.name : `${path}.${field.name}`;
    return [{ path: place, field }, ...fieldsOf(field.type, place)];
  });
}

export function isUnion(schema: AvroSchema): schema is readonly AvroSchema[] {
  return Array.isArray(schema);
}
