/** The answers that a connection owes its sender, in the order of the lines, whatever is decided first. */
import { type ErrorCode, errorKinds, type MillraceError } from '@millrace/contracts';

export interface Owed {
  /** How many lines it answers, and their bytes. */
  readonly lines: number;
  readonly bytes: number;
  /** Undefined: not decided yet. */
  text: string | undefined;
}

export class Answers {
  /** In the order of the lines. A Set gives its head away cheaply. */
  readonly #owed = new Set<Owed>();
  #lines = 0;

  /** Lines that are not answered. */
  get lines(): number {
    return this.#lines;
  }

  /** Behind all that are owed already. Set its `text` when it is decided, then `release`. */
  owe(lines: number, bytes: number, text?: string): Owed {
    const owed: Owed = { lines, bytes, text };
    this.#owed.add(owed);
    this.#lines += lines;
    return owed;
  }

  /** Takes out those before which nothing is undecided. */
  release(): { readonly text: string; readonly lines: number; readonly bytes: number } {
    let text = '';
    let lines = 0;
    let bytes = 0;
    for (const owed of this.#owed) {
      if (owed.text === undefined) break;
      this.#owed.delete(owed);
      text += owed.text;
      lines += owed.lines;
      bytes += owed.bytes;
    }
    this.#lines -= lines;
    return { text, lines, bytes };
  }
}

/** Of a message with this id. */
export function receiptOf(id: Uint8Array): string {
  return `OK ${Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex')}\n`;
}

export function refusalOf(error: MillraceError): string {
  return `ERR ${codeOf(error)} ${error.message.replaceAll(/\s+/g, ' ')}\n`;
}

/** A line is one message: where one thing is wrong with it and has a code of its own, that is the code. */
export function codeOf({ code, errors }: MillraceError): ErrorCode {
  const [only] = errors;
  return errors.length === 1 && only && Object.hasOwn(errorKinds, only.code) ? (only.code as ErrorCode) : code;
}
