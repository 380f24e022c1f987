/** What an SMTP failure means to the sender: never again for this recipient, or later. */
import { MillraceError } from '@millrace/contracts';
import { oneLine } from '../plain-text.ts';

/** Steps that are about this mail; a refusal before them is about the connection. */
const mailCommands = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);

/** Of nodemailer: the message or its addresses, without an answer of the server. */
const mailCodes = new Set(['EENVELOPE', 'EMESSAGE']);

interface SmtpFailure {
  readonly message: string;
  readonly code?: unknown;
  readonly command?: unknown;
  readonly responseCode?: unknown;
}

/**
 * A 5yz answer to the mail itself is final (RFC 5321 4.2.1), except 503, which is about the session. Everything else, 4yz,
 * a lost connection, a time-out, a refused login, may be over later.
 */
export function smtpError(error: unknown, detailCharsMax: number): MillraceError {
  const { message, code, command, responseCode }: SmtpFailure =
    error instanceof Error ? error : { message: String(error) };
  const isAboutMail = mailCommands.has(String(command));
  const isFinal =
    typeof responseCode === 'number'
      ? isAboutMail && responseCode >= 500 && responseCode !== 503
      : mailCodes.has(String(code));
  const detail = oneLine(message, detailCharsMax);
  return new MillraceError(isFinal ? 'recipient_rejected' : 'channel_unavailable', detail, { cause: error });
}
