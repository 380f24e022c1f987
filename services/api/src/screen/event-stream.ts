/** Server-sent events out of the text of a response: `event:` and `data:` lines, an empty line between two. */

export interface StreamEvent {
  readonly name: string;
  readonly text: string;
}

/** An event of ours has some kilobytes; a stream without an empty line must not fill the memory. */
const eventCharsMax = 1_000_000;

/** Comments and fields that we do not send are passed over. Throws when an event is too long. */
export async function* eventsIn(chunks: AsyncIterable<string>): AsyncGenerator<StreamEvent> {
  let waiting = '';
  for await (const chunk of chunks) {
    waiting += chunk;
    const parts = waiting.split('\n\n');
    waiting = parts.pop() ?? '';
    for (const part of parts) yield eventOf(part);
    if (waiting.length > eventCharsMax) throw new Error('An event of the stream is too long.');
  }
}

function eventOf(part: string): StreamEvent {
  const fields = part.split('\n').map((line) => /^(event|data): ?(.*)$/.exec(line));
  const of = (name: string): string[] => fields.flatMap((field) => (field?.[1] === name ? [field[2] ?? ''] : []));
  return { name: of('event').at(-1) ?? 'message', text: of('data').join('\n') };
}

/** The body of a response as text. */
export async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    await reader.cancel();
  }
}
