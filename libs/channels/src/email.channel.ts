/** E-mail over SMTP. One server for the process; a configured channel only says where answers go. */
import { MillraceError } from '@millrace/contracts';
import { createTransport, type Transporter } from 'nodemailer';
import { z } from 'zod';
import type { Channel, ChannelConfiguration, ChannelFactory, ChannelKind, Notification, Receipt } from './channel.ts';
import { parseSettings } from './parse-settings.ts';
import { oneLine, withoutControls } from './plain-text.ts';
import { mailAddress, mailbox, type Mailbox } from './email/mailbox.ts';
import { smtpError } from './email/smtp-error.ts';

const environment = {
  /** `smtp://host:port` or `smtps://user:password@host:port`. */
  MILLRACE_SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'give smtp://host:port or smtps://host:port' }),
  /** `address` or `Name <address>`. */
  MILLRACE_SMTP_FROM: mailbox,
};

const settings = z.strictObject({
  /** Where answers go, if not to the sender. */
  replyTo: mailAddress.optional(),
});

/** The server is the process's, and so are its credentials. */
const noSecrets = z.strictObject({});

export interface EmailLimits {
  /** Connections to the server at once; a catcher or relay takes some thousand mails a second over few. */
  readonly connectionsMax: number;
  /** A server on the network answers within milliseconds; until here it counts as busy, afterwards as away. */
  readonly connectMsMax: number;
  /** A server may scan the message before it answers; longer is not worth waiting for, the attempt is repeated. */
  readonly sendMsMax: number;
  /** Idle connections are closed before the server does it, which RFC 5321 allows after 5 minutes. */
  readonly idleMsMax: number;
}

const defaults: EmailLimits = { connectionsMax: 4, connectMsMax: 5_000, sendMsMax: 10_000, idleMsMax: 60_000 };

/** A server's answer may be an essay; the ledger keeps its beginning. */
const answerCharsMax = 300;

export const emailChannel: ChannelKind<typeof environment> = {
  kind: 'email',
  environment,
  settings,
  start: (variables) => startEmail(variables, defaults),
};

/** The factory with limits of one's own; tests do not wait as long as people do. */
export function startEmail(variables: EmailEnvironment, limits: EmailLimits): ChannelFactory {
  return new EmailFactory(variables.MILLRACE_SMTP_URL, variables.MILLRACE_SMTP_FROM, limits);
}

type EmailEnvironment = z.output<z.ZodObject<typeof environment>>;

class EmailFactory implements ChannelFactory {
  readonly #transporter: Transporter;
  readonly #from: Mailbox;
  readonly #limits: EmailLimits;

  constructor(url: string, from: Mailbox, limits: EmailLimits) {
    this.#from = from;
    this.#limits = limits;
    this.#transporter = createTransport({
      url,
      pool: true,
      maxConnections: limits.connectionsMax,
      // Only for a connection that was dropped before a byte of the message was sent: that is no attempt yet.
      maxRequeues: 1,
      connectionTimeout: limits.connectMsMax,
      greetingTimeout: limits.connectMsMax,
      socketTimeout: limits.sendMsMax,
      idleTimeout: limits.idleMsMax,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  open(configured: ChannelConfiguration): Channel {
    parseSettings('email', noSecrets, configured.secrets, 'secrets');
    const own = parseSettings('email', settings, configured.settings);
    return new EmailChannel(this.#transporter, this.#from, own, this.#limits);
  }

  close(): void {
    this.#transporter.close();
  }
}

class EmailChannel implements Channel {
  readonly #transporter: Transporter;
  readonly #from: Mailbox;
  readonly #settings: z.output<typeof settings>;
  readonly #limits: EmailLimits;

  constructor(transporter: Transporter, from: Mailbox, configured: z.output<typeof settings>, limits: EmailLimits) {
    this.#transporter = transporter;
    this.#from = from;
    this.#settings = configured;
    this.#limits = limits;
  }

  async send({ id, subject, body }: Notification, recipient: string, signal: AbortSignal): Promise<Receipt> {
    signal.throwIfAborted();
    // The address goes into the envelope and a header as it is: anything but one plain address ends here.
    if (!mailAddress.safeParse(recipient).success) {
      throw new MillraceError('recipient_rejected', 'Give one plain e-mail address as recipient.');
    }
    const { sendMsMax } = this.#limits;
    const { replyTo } = this.#settings;
    try {
      const { response } = await this.#transporter.sendMail({
        from: this.#from,
        to: { name: '', address: recipient },
        envelope: { from: this.#from.address, to: recipient },
        ...(replyTo !== undefined && { replyTo: { name: '', address: replyTo } }),
        subject: oneLine(subject),
        text: body,
        messageId: `<${id}@${this.#from.address.slice(this.#from.address.lastIndexOf('@') + 1)}>`,
        // RFC 3834: no out-of-office answers.
        headers: { 'Auto-Submitted': 'auto-generated' },
        signal: AbortSignal.any([signal, AbortSignal.timeout(sendMsMax)]),
      });
      return { detail: oneLine(response ?? '', answerCharsMax) };
    } catch (error) {
      signal.throwIfAborted();
      throw smtpError(error, answerCharsMax);
    }
  }

  /** Mails are plain text: nothing in them is obeyed but control characters. */
  escape(value: string): string {
    return withoutControls(value);
  }
}
