/** Which metrics an expression of Prometheus asks for. */

const words = /^(by|without|on|ignoring|group_left|group_right|offset|bool|and|or|unless|inf|nan)$/i;

/** Names in the order in which they appear, each once. */
export function metricNamesIn(expression: string): readonly string[] {
  const bare = expression
    .replaceAll(/"[^"]*"|'[^']*'/g, '')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, ' ')
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ')
    .replaceAll(/\b\d[\w.+-]*/g, ' ');
  const names = [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\w|\s*\()/g)].map(([name]) => name);
  return [...new Set(names.filter((name) => !words.test(name)))];
}
