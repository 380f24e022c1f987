/** Answers that are made while they are sent. */
import { Readable } from 'node:stream';

/** Rejects with what is wrong before the first piece, so that it is still answered as an error. */
export async function begunStream(pieces: AsyncGenerator<string>): Promise<Readable> {
  const first = await pieces.next();
  return Readable.from(fromFirst(first, pieces));
}

async function* fromFirst(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  try {
    if (first.done) return;
    yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
