/** What attacks in Lua have in common. */

export const body = (text: string): string => `function attack(input) ${text} end`;
