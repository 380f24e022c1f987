/** Text that PostgreSQL, Avro and JSON can all hold: no NUL, no half of a surrogate pair. */
import { type FieldError, MillraceError } from '@millrace/contracts';

const detail = 'Must not have the character NUL or half of a surrogate pair.';

/** A text in it, member names included, that cannot be stored. Without recursion: bodies may be as deep as they are long. */
export function unstorableText(value: unknown, field = ''): FieldError | undefined {
  const left: [value: unknown, field: string][] = [[value, field]];
  for (let next = left.pop(); next; next = left.pop()) {
    const [one, where] = next;
    if (typeof one === 'string' && !isStorable(one)) return { field: where, code: 'unstorable_text', detail };
    if (typeof one !== 'object' || one === null) continue;
    for (const [name, member] of Object.entries(one)) {
      if (!isStorable(name)) return { field: where, code: 'unstorable_text', detail };
      left.push([member, where === '' ? name : `${where}.${name}`]);
    }
  }
  return undefined;
}

/** Throws `invalid_field`. */
export function requireStorableText(value: unknown): void {
  const error = unstorableText(value);
  if (error)
    throw new MillraceError('invalid_field', `${error.field || 'The body'}: ${error.detail}`, { errors: [error] });
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
