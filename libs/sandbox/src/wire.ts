/**
 * What parent and child say to each other over one socket. Little endian; every frame begins with the bytes that follow its length.
 *
 *     request   u32 length | u32 call | u32 script | u32 time limit, ms | u32 patience | u32 count | u32 1: logs are wanted
 *               | u32 source bytes | u32 function name bytes | u32 text bytes
 *               | source: JSON {language, source}, empty when the child was given it before | function name | text | bytes
 *     reply     u32 length | u32 call | u32 status | u32 processor time, µs | u32 KiB held by the script, 0: unknown | body, UTF-8
 *
 * Text and bytes are an encoded input batch. The child answers in the order of requests, each as soon as it is done.
 */

export const replyStatus = {
  /** Body: JSON {results, failures, logs?}. */
  done: 0,
  /** The child does not hold the script (any more): send it again with its source. */
  sourceMissing: 1,
  /** The script does not load, or has no such function; body: JSON ThrownReason. */
  invalid: 2,
  /** An error came out of a batch as a whole: a promise was rejected and nobody cared; body: JSON ThrownReason. */
  threw: 3,
  timeout: 4,
  memory: 5,
  /** Out of time without having had the processor for it: nobody's fault. */
  starved: 6,
  /** The first frame of a child: it is ready. Body: JSON Wall[]. */
  hello: 7,
  /** The interpreter of the language is in a state that nobody knows. */
  broken: 8,
} as const;

export type ReplyStatus = (typeof replyStatus)[keyof typeof replyStatus];

export interface Request {
  readonly callId: number;
  readonly scriptId: number;
  /** Of the batch; its part that may be spent on the processor is `busyPart`. */
  readonly timeLimitMs: number;
  /** Times which the time limits are when the processor is somewhere else: 1 at first, more for who is tried again. */
  readonly patience: number;
  readonly count: number;
  /** Lines that the script writes come with the reply, and what it holds. */
  readonly logs: boolean;
  readonly source: { readonly language: string; readonly source: string } | undefined;
  readonly functionName: string;
  readonly text: string;
  readonly bytes: Uint8Array;
}

export interface Reply {
  readonly callId: number;
  readonly status: ReplyStatus;
  /** Of the child, for this request. */
  readonly cpuMicros: number;
  /** 0: nobody asked, or the isolate is gone. */
  readonly heldKiB: number;
  readonly body: string;
}

export interface ThrownReason {
  readonly message: string;
  readonly stack: string;
}

const requestHeadBytes = 40;
const replyHeadBytes = 20;

export function encodeRequest(request: Request): Buffer {
  const source = request.source ? JSON.stringify(request.source) : '';
  const lengths = [source, request.functionName, request.text].map((text) => Buffer.byteLength(text)) as [
    number,
    number,
    number,
  ];
  const [sourceBytes, nameBytes, textBytes] = lengths;
  const frame = Buffer.allocUnsafe(requestHeadBytes + sourceBytes + nameBytes + textBytes + request.bytes.length);
  const head = [
    frame.length - 4,
    request.callId,
    request.scriptId,
    Math.ceil(request.timeLimitMs),
    request.patience,
    request.count,
    Number(request.logs),
  ];
  let at = 0;
  for (const number of [...head, ...lengths]) at = frame.writeUInt32LE(number, at);
  for (const text of [source, request.functionName, request.text]) at += frame.write(text, at);
  frame.set(request.bytes, at);
  return frame;
}

/** `frame` without its length. The bytes are a copy of their own, ready to be handed to an isolate. */
export function decodeRequest(frame: Buffer): Request & { readonly bytes: Uint8Array<ArrayBuffer> } {
  const number = (index: number): number => frame.readUInt32LE(index * 4);
  const sourceFrom = requestHeadBytes - 4;
  const nameFrom = sourceFrom + number(6);
  const textFrom = nameFrom + number(7);
  const bytesFrom = textFrom + number(8);
  const source = frame.toString('utf8', sourceFrom, nameFrom);
  return {
    callId: number(0),
    scriptId: number(1),
    timeLimitMs: number(2),
    patience: number(3),
    count: number(4),
    logs: number(5) === 1,
    source: source === '' ? undefined : (JSON.parse(source) as { language: string; source: string }),
    functionName: frame.toString('utf8', nameFrom, textFrom),
    text: frame.toString('utf8', textFrom, bytesFrom),
    bytes: new Uint8Array(frame.subarray(bytesFrom)),
  };
}

export function encodeReply({ callId, status, cpuMicros, heldKiB, body }: Reply): Buffer {
  const bodyBytes = Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(replyHeadBytes + bodyBytes);
  let at = 0;
  for (const number of [frame.length - 4, callId, status, cpuMicros, heldKiB]) at = frame.writeUInt32LE(number, at);
  frame.write(body, replyHeadBytes);
  return frame;
}

/** `frame` without its length. */
export function decodeReply(frame: Buffer): Reply {
  return {
    callId: frame.readUInt32LE(0),
    status: frame.readUInt32LE(4) as ReplyStatus,
    cpuMicros: frame.readUInt32LE(8),
    heldKiB: frame.readUInt32LE(12),
    body: frame.toString('utf8', replyHeadBytes - 4),
  };
}
