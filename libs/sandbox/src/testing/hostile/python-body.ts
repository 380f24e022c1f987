/** What attacks in Python have in common. */

export const body = (...lines: readonly string[]): string =>
  ['def attack(input):', ...lines.map((line) => `  ${line}`)].join('\n');
export const value = (expression: string): string => body(`return {"data": {"value": ${expression}}}`);
