/** What is answered about an entity: its body without secrets, and when it was made and changed. */
import { viewSchema } from '@millrace/config';
import { z } from 'zod';
import type { ResourceDefinition } from './resource-definitions.ts';

export function resourceAnswers({ entity, singular }: ResourceDefinition): {
  readonly one: z.ZodObject;
  readonly page: z.ZodObject;
} {
  const name = singular.replaceAll(/(?:^| )([a-zA-Z])/g, (_, letter: string) => letter.toUpperCase());
  const one = viewSchema(entity)
    .extend({ createdAt: z.iso.datetime(), updatedAt: z.iso.datetime() })
    .meta({ id: name });
  const page = z
    .strictObject({
      items: z.array(one),
      next: z.string().nullable().describe('Cursor of the next page; null: this is the last.'),
    })
    .meta({ id: `${name}Page` });
  return { one, page };
}
