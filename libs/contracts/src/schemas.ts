/** The committed Avro schemas, by topic. */
import { readFileSync } from 'node:fs';
import type { Schema } from 'avsc';

/** The schema of a topic's values as committed beside this library; throws for a topic without one. */
export function schemaOf(topicName: string): Schema {
  return JSON.parse(schemaTextOf(topicName)) as Schema;
}

export function schemaTextOf(topicName: string): string {
  return readFileSync(new URL(`../schemas/${topicName}.avsc`, import.meta.url), 'utf8');
}
