/** What attacks in JavaScript have in common. */

export const body = (text: string): string => `function attack(input) { ${text} }`;
