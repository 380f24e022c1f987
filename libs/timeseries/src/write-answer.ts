/** What QuestDB's answer to a write means: stored, one line is bad, or try again later. */
import { MillraceError } from '@millrace/contracts';

/** One line of a request is not acceptable; none of the request was stored. */
export class RowRejected extends MillraceError {
  /** Counts from 1. */
  readonly line: number;

  constructor(line: number, reason: string) {
    super('row_rejected', reason);
    this.name = 'RowRejected';
    this.line = line;
  }
}

/** The table or its columns are not as this library made them: a fault of the store, whatever the row. */
const storeFault = /creating new (tables|columns) is disabled|table does not exist/;

/** Returns when the whole request is stored; throws `RowRejected` or `store_unavailable`. */
export function checkWriteAnswer(status: number, body: string): void {
  if (status >= 200 && status < 300) return;
  const { message, line } = parseRefusal(body);
  if (status === 400 && line !== undefined && !storeFault.test(message))
    throw new RowRejected(line, `QuestDB refused the row: ${reasonOf(message)}`);
  throw new MillraceError('store_unavailable', `QuestDB answered a write with ${status}: ${reasonOf(message)}`);
}

interface Refusal {
  readonly message: string;
  readonly line?: number;
}

/** `{"code":"invalid","message":"failed to parse line protocol:…","line":2,"errorId":"…"}`; a proxy may answer anything. */
function parseRefusal(body: string): Refusal {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return { message: body };
  }
  if (typeof parsed !== 'object' || parsed === null) return { message: body };
  const { message, line } = parsed as { readonly message?: unknown; readonly line?: unknown };
  return {
    message: typeof message === 'string' ? message : body,
    ...(typeof line === 'number' && Number.isInteger(line) && line > 0 && { line }),
  };
}

/** Characters of a reason that are kept: it may quote the row, and goes into headers and logs. */
const reasonCharsMax = 300;

function reasonOf(message: string): string {
  const reason = message.replace(/^failed to parse line protocol:\s*(errors encountered on line\(s\):)?\s*/, '').trim();
  return reason.slice(0, reasonCharsMax) || 'no reason given.';
}
