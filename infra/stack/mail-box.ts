/** The newest mails, in memory. */
import PostalMime from 'postal-mime';

export interface ReceivedMail {
  readonly from: string;
  /** Recipients of the envelope. */
  readonly to: readonly string[];
  /** The message as it came, RFC 5322. */
  readonly source: Uint8Array;
}

export interface Mail {
  readonly id: string;
  readonly receivedAt: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly messageId: string | null;
  readonly text: string;
}

/** Older ones are forgotten: a demo that runs for days must not fill the memory. */
export const mailsMax = 1_000;

export class MailBox {
  readonly #mails: Mail[] = [];
  #nextId = 1;

  async add({ from, to, source }: ReceivedMail): Promise<void> {
    const receivedAt = new Date().toISOString();
    const { subject, messageId, text } = await PostalMime.parse(source);
    this.#mails.push({
      id: String(this.#nextId),
      receivedAt,
      from,
      to,
      subject: subject ?? '',
      messageId: messageId ?? null,
      text: text ?? '',
    });
    this.#nextId += 1;
    if (this.#mails.length > mailsMax) this.#mails.shift();
  }

  /** Oldest first; all, or those to one recipient. */
  list(recipient?: string): readonly Mail[] {
    return this.#mails.filter(({ to }) => recipient === undefined || to.includes(recipient));
  }

  find(id: string): Mail | undefined {
    return this.#mails.find((mail) => mail.id === id);
  }

  clear(): void {
    this.#mails.length = 0;
  }
}
