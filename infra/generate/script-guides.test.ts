import { expect, test } from 'vitest';
import { withExamples } from './script-guides.ts';

const guide = 'Before.\n\n<!-- example: a -->\n\n## Next\n\n<!-- example: b -->\nAfter.\n';
const code = (name: string): string =>
  `\`\`\`lua\nprint("${name}")\n\`\`\`\n\nIts first sample, \`00\`, gives \`x = 1\`.\n`;

test('an example stands behind its marker, and the rest of the guide stays', () => {
  expect(withExamples(guide, code)).toBe(
    `Before.\n\n<!-- example: a -->\n${code('a')}\n## Next\n\n<!-- example: b -->\n${code('b')}After.\n`,
  );
});

test('an example takes the place of an older text of it', () => {
  const older = withExamples(guide, (name) => `\`\`\`lua\nold of ${name}\n\n-- two\n\`\`\`\n\n`);
  expect(withExamples(older, code)).toBe(withExamples(guide, code));
  expect(withExamples(withExamples(guide, code), code)).toBe(withExamples(guide, code));
});
