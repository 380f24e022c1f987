/** JSON Pointer (RFC 6901): the way to one value in a document. */
export interface JsonPointer {
  /** The value there, or undefined when the document has no such place. */
  resolve(document: unknown): unknown;
}

/** Undefined: the text is not a pointer. */
export function parseJsonPointer(text: string): JsonPointer | undefined {
  if (text !== '' && !text.startsWith('/')) return undefined;
  if (/~(?![01])/.test(text)) return undefined;
  const steps = text.split('/').slice(1).map(unescape);
  return { resolve: (document) => steps.reduce(stepInto, document) };
}

/** The pointer that leads through these keys. */
export function formatJsonPointer(steps: readonly string[]): string {
  return steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function unescape(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

function stepInto(value: unknown, step: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return /^(0|[1-9][0-9]*)$/.test(step) ? value[Number(step)] : undefined;
  return Object.hasOwn(value, step) ? (value as Readonly<Record<string, unknown>>)[step] : undefined;
}
