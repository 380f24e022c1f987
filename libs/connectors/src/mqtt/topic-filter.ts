/** Topic filters of subscriptions (MQTT 5, section 4.7; `$share` section 4.8.2). */

/** A topic filter is a UTF-8 string with a length of two bytes. */
const topicFilterBytesMax = 65_535;

/** What is wrong with the name of a topic, as a sentence; undefined: nothing. */
export function topicProblem(topic: string): string | undefined {
  return /[+#]/.test(topic) ? 'Leave + and # out: it is one topic.' : topicFilterProblem(topic);
}

/** Of a shared subscription: the broker hands each message to one client of the group. */
export function isSharedFilter(filter: string): boolean {
  return filter.startsWith('$share/');
}

/** What is wrong with a filter, as a sentence; undefined: nothing. */
export function topicFilterProblem(filter: string): string | undefined {
  if (filter === '') return 'Give a topic filter.';
  if (filter.includes('\0')) return 'Leave out the zero character.';
  if (Buffer.byteLength(filter) > topicFilterBytesMax) return `Give at most ${topicFilterBytesMax} bytes.`;
  const levels = filter.split('/');
  if (levels[0] === '$share') {
    if (levels.length < 3 || levels[1] === '' || /[+#]/.test(levels[1] ?? ''))
      return 'Write a shared subscription as $share/<group>/<topic filter>.';
    return topicFilterProblem(levels.slice(2).join('/'));
  }
  for (const [index, level] of levels.entries()) {
    if (level === '+' || (level === '#' && index === levels.length - 1)) continue;
    if (/[+#]/.test(level)) return 'Let + fill a whole level, and # the last one.';
  }
  return undefined;
}
