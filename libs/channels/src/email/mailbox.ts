/** Addresses as this channel takes them: one plain ASCII address, no groups, comments, quotes or routes. */
import { z } from 'zod';

/** RFC 5321 4.5.3.1.3: a path is at most 256 octets with its brackets. */
const addressCharsMax = 254;

/** The form of HTML's e-mail field, a plain subset of RFC 5322; mail servers decide about the rest. */
export const mailAddress = z
  .string()
  .max(addressCharsMax)
  .regex(z.regexes.html5Email, 'give one plain address, name@host');

export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** `address` or `Name <address>`. */
export const mailbox = z.string().transform((text, context): Mailbox => {
  const [, name = '', bracketed] = /^([^<>\p{Cc}]*)<([^<>]*)>$/u.exec(text.trim()) ?? [];
  const address = mailAddress.safeParse(bracketed ?? text.trim());
  if (address.success) return { name: name.trim(), address: address.data };
  context.issues.push({ code: 'custom', message: 'give name@host or Name <name@host>', input: text });
  return z.NEVER;
});
