/** What a person types into the form, as the request it means. */

export type FrameFormat = 'hex' | 'base64' | 'json';

export interface FrameBody {
  readonly payload?: string;
  readonly json?: unknown;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The text does not say what to send; the message is for the person. */
export class UnreadableFrame extends Error {}

/** Hex may have spaces, colons and `0x`. Throws `UnreadableFrame`. */
export function frameBodyOf(text: string, format: FrameFormat, attributes: string): FrameBody {
  if (text.trim() === '') throw new UnreadableFrame('Type or paste a frame.');
  return { ...contentOf(text, format), attributes: attributesOf(attributes) };
}

function contentOf(text: string, format: FrameFormat): Pick<FrameBody, 'payload' | 'json'> {
  switch (format) {
    case 'hex':
      return { payload: base64OfHex(text) };
    case 'base64':
      return { payload: base64Of(text) };
    case 'json':
      return { json: jsonOf(text) };
  }
}

function base64OfHex(text: string): string {
  const digits = text.replaceAll(/0x|[\s:,-]/gi, '');
  const stranger = /[^0-9a-f]/i.exec(digits)?.[0];
  if (stranger !== undefined) throw new UnreadableFrame(`“${stranger}” is not a hex digit.`);
  if (digits.length % 2 === 1) throw new UnreadableFrame('A byte has two hex digits; one is missing.');
  const bytes = digits.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
  return btoa(String.fromCharCode(...bytes));
}

function base64Of(text: string): string {
  const compact = text.replaceAll(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  if (!/^[A-Za-z0-9+/]+$/.test(compact) || compact.length % 4 === 1)
    throw new UnreadableFrame('This is not base64: letters, digits, + and / only, = at the end.');
  return compact.padEnd(Math.ceil(compact.length / 4) * 4, '=');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnreadableFrame(`This is not JSON: ${(error as Error).message}`);
  }
}

/** `fPort=2 fCnt=17`. */
function attributesOf(text: string): Readonly<Record<string, string>> {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return Object.fromEntries(
    words.map((word) => {
      const [, name, value] = /^([A-Za-z][A-Za-z0-9_.-]*)=(.*)$/.exec(word) ?? [];
      if (name === undefined) throw new UnreadableFrame(`Attributes look like fPort=2; “${word}” does not.`);
      return [name, value ?? ''];
    }),
  );
}
