/** Answers that are made while they are sent. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** Longer than a transaction may take; who neither sends nor reads anything for so long is gone, and holds a place meanwhile. */
const idleMsMax = 60_000;

/** Rejects with what is wrong before the first piece, so that it is still answered as an error. Who stands still is cut off. */
export async function begunStream(
  pieces: AsyncGenerator<string>,
  response: ServerResponse,
  idleMs: number = idleMsMax,
): Promise<Readable> {
  response.setTimeout(idleMs, () => response.destroy());
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
