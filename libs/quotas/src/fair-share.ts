/**
 * What one of several takers may take of a common limit so that all together keep to it: max-min fairness. Who takes little has it, and
 * what they leave is divided evenly among those who want more.
 */

/** `others`: what each other taker takes, Infinity for one that wants more than it gets. All in one unit; the answer is above 0. */
export function fairShare(limit: number, others: readonly number[]): number {
  let left = limit;
  let takers = others.length + 1;
  for (const taken of others.toSorted((a, b) => a - b)) {
    if (taken * takers >= left) break;
    left -= taken;
    takers -= 1;
  }
  return left / takers;
}
