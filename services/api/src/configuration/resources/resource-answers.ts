/** What is answered about an entity: its body without secrets, and when it was made and changed. */
import { entityBodySchema } from '@millrace/config';
import { z } from 'zod';
import type { ResourceDefinition } from './resource-definitions.ts';

const secretMembers = new Set(['passwords', 'passwordHashes', 'hash', 'key', 'secrets']);
/** A certificate is known by its hash from then on. */
const isHidden = (entity: string, member: string): boolean =>
  secretMembers.has(member) || (entity === 'deviceCredentials' && member === 'certificate');

export function resourceAnswers({ entity, singular }: ResourceDefinition): {
  readonly one: z.ZodObject;
  readonly page: z.ZodObject;
} {
  const shape = entityBodySchema(entity).shape as Record<string, z.ZodType>;
  const shown = Object.entries(shape).filter(([member]) => !isHidden(entity, member));
  const name = singular.replaceAll(/(?:^| )([a-zA-Z])/g, (_, letter: string) => letter.toUpperCase());
  const one = z
    .strictObject({
      ...Object.fromEntries(
        shown.map(([member, schema]) => [member, schema instanceof z.ZodDefault ? schema.unwrap() : schema]),
      ),
      ...(entity === 'devices' && { passwords: z.int().describe('How many are valid.') }),
      ...(entity === 'channels' && { hasSecrets: z.boolean() }),
      createdAt: z.iso.datetime(),
      updatedAt: z.iso.datetime(),
    } as Record<string, z.ZodType>)
    .meta({ id: name });
  const page = z
    .strictObject({
      items: z.array(one),
      next: z.string().nullable().describe('Cursor of the next page; null: this is the last.'),
    })
    .meta({ id: `${name}Page` });
  return { one, page };
}
