/** Reads an answer that has one JSON a line, each as it arrives. */

export async function* jsonLines<T>(body: ReadableStream<Uint8Array>): AsyncGenerator<T> {
  let begun = '';
  for await (const text of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    const lines = (begun + text).split('\n');
    begun = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as T;
  }
  if (begun !== '') yield JSON.parse(begun) as T;
}
