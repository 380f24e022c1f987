/** Topic patterns such as `plant/{site}/{deviceUid}/up`: which topics a connection's devices write, and who wrote one. */

import type { SenderName } from '../sender.ts';

export interface TopicPattern {
  /** What the pattern tells of the sender. */
  readonly names: SenderName;
  /** Undefined: the topic is of another form. */
  match(topic: string): TopicMatch | undefined;
}

export interface TopicMatch {
  /** The device uid or identification code in the topic. */
  readonly sender: string;
  /** The other `{names}` of the pattern. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Attribute names that a message has anyway. */
const reservedNames: ReadonlySet<string> = new Set(['topic', 'retained']);

type Level =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'name'; readonly name: string };

/**
 * Levels are plain text, `{name}` (one level that is not empty), `+` (any one level) and, at the end, `#` (any number).
 * Exactly one level is `{deviceUid}` or `{identificationCode}`. Throws a sentence for anything else.
 */
export function parseTopicPattern(pattern: string): TopicPattern {
  const texts = pattern.split('/');
  const open = texts.at(-1) === '#';
  const levels = (open ? texts.slice(0, -1) : texts).map(parseLevel);
  const names = levels.flatMap((level) => (level.kind === 'name' ? [level.name] : []));
  const senders = names.filter(isSenderName);
  const [sender] = senders;
  if (sender === undefined || senders.length > 1)
    throw new SyntaxError('Name exactly one level {deviceUid} or {identificationCode}.');
  if (new Set(names).size < names.length) throw new SyntaxError('Give each {name} once.');
  return { names: sender, match: (topic) => matchLevels(levels, open, topic.split('/')) };
}

function parseLevel(text: string): Level {
  if (text === '+') return { kind: 'any' };
  const name = /^\{([A-Za-z][A-Za-z0-9_]{0,63})\}$/.exec(text)?.[1];
  if (name !== undefined && reservedNames.has(name)) throw new SyntaxError(`Choose another name than {${name}}.`);
  if (name !== undefined) return { kind: 'name', name };
  if (/[{}+#]/.test(text)) throw new SyntaxError(`Let {name}, + or # fill a whole level: not "${text}".`);
  return { kind: 'text', text };
}

function matchLevels(levels: readonly Level[], open: boolean, texts: readonly string[]): TopicMatch | undefined {
  if (open ? texts.length < levels.length : texts.length !== levels.length) return undefined;
  const variables: Record<string, string> = {};
  let sender = '';
  for (const [index, level] of levels.entries()) {
    const text = texts[index] ?? '';
    if (level.kind === 'text' && level.text !== text) return undefined;
    if (level.kind !== 'name') continue;
    if (text === '') return undefined;
    if (isSenderName(level.name)) sender = text;
    else variables[level.name] = text;
  }
  return { sender, variables };
}

function isSenderName(name: string): name is SenderName {
  return name === 'deviceUid' || name === 'identificationCode';
}
