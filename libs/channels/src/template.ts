/**
 * Templates with `${name}` places. A place is a name and nothing else: there is no expression to evaluate, and a value that
 * looks like a place stays text. `$${name}` stands for a literal `${name}`.
 */

/** Values by place; null: there is none; empty text is a value. */
export type PlaceValues = Readonly<Record<string, string | number | null>>;

export interface Rendered {
  readonly text: string;
  /** Places that no value has, each once: somebody misspelt them. The text shows them as `[unknown: name]`. */
  readonly unknown: readonly string[];
}

export interface Template {
  /** `escape` makes a value literal in the form of the text around it. */
  render(values: PlaceValues, escape: (value: string) => string): Rendered;
}

/** Shown where a value is missing: the reader sees that nothing was cut off. */
const missing = '-';

/** Digits that a double holds exactly; more would show 0.1 + 0.2 as 0.30000000000000004. */
const digitsMax = 15;

/** `$$` before a brace, or a place; the content of a place ends at the first closing brace. */
const place = /\$(\$\{)|\$\{([^{}]*)\}/g;

/** Splits the text once; rendering then only joins. Every text is a template: what is no place stays as it is. */
export function compileTemplate(text: string): Template {
  const literals: string[] = [];
  const names: string[] = [];
  let literal = '';
  let position = 0;
  for (const match of text.matchAll(place)) {
    literal += text.slice(position, match.index);
    position = match.index + match[0].length;
    if (match[1] !== undefined) {
      literal += match[1];
      continue;
    }
    literals.push(literal);
    names.push((match[2] ?? '').trim());
    literal = '';
  }
  const rest = literal + text.slice(position);
  return { render: (values, escape) => render(literals, names, rest, values, escape) };
}

function render(
  literals: readonly string[],
  names: readonly string[],
  rest: string,
  values: PlaceValues,
  escape: (value: string) => string,
): Rendered {
  const unknown = new Set<string>();
  let text = '';
  for (const [index, name] of names.entries()) {
    text += literals[index] ?? '';
    if (Object.hasOwn(values, name)) text += escape(textOf(values[name] ?? null));
    else {
      unknown.add(name);
      text += escape(`[unknown: ${name}]`);
    }
  }
  return { text: text + rest, unknown: [...unknown] };
}

function textOf(value: string | number | null): string {
  if (value === null) return missing;
  return typeof value === 'number' ? String(Number(value.toPrecision(digitsMax))) : value;
}
