/** Rows of an import as they come out of a file, in its order: a device in the form of `POST /v1/devices`, or what is wrong. */
import type { Readable } from 'node:stream';
import { type FieldError, MillraceError } from '@millrace/contracts';

/** Rows are counted from 1; the header of a CSV file and empty lines are none. */
export type ImportRow =
  | { readonly row: number; readonly device: unknown }
  | { readonly row: number; readonly errors: readonly FieldError[] };

/** The largest device that the configuration takes has a few hundred attributes of a few hundred characters. */
export const rowBytesMax = 128 * 1024;

/** Nearly a kilobyte for each row of as many as an import takes. */
const fileBytesMax = 256 * 1024 * 1024;

/**
 * What comes, up to `bytesMax`: then it throws `body_too_large`. Throws the signal's reason when that fires, also while it waits.
 * Leaves the stream as it is when nobody wants more: it may be a request whose answer is still to be sent.
 */
export async function* boundedBytes(
  stream: Readable,
  signal: AbortSignal,
  bytesMax: number = fileBytesMax,
): AsyncGenerator<Buffer> {
  const iterator = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  let fail: (reason: Error) => void = () => undefined;
  const abort = (): void => fail(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  let bytes = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await new Promise<IteratorResult<Buffer>>((resolve, reject) => {
        fail = reject;
        iterator.next().then(resolve, reject);
      });
      if (done) return;
      bytes += value.length;
      if (bytes > bytesMax)
        throw new MillraceError('body_too_large', `A file has at most ${bytesMax} bytes; cut it in two.`);
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    if (!signal.aborted) await iterator.return?.();
  }
}
