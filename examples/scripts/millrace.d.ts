// Types of Millrace's scripts in JavaScript, for editors. docs/scripts/javascript.md says how to use them.
//
//     /** @type {Millrace.DecodeUplink} */
//     function decodeUplink({ bytes }) {
//       return { data: { temperature: bytes[0] / 2 } };
//     }

declare namespace Millrace {
  /** What a device sent. */
  interface UplinkInput {
    /** 0 to 255 each. */
    readonly bytes: number[];
    /** LoRaWAN's port; undefined where the message has none. */
    readonly fPort: number | undefined;
    /** The sender's time where it gave one, else that of the receipt. */
    readonly recvTime: Date;
    readonly variables: Variables;
    /** What came with the message: of its protocol (`topic`, `path`), of the network server (`fCnt`), of who sent it. */
    readonly attributes: Texts;
  }

  type Texts = Readonly<Record<string, string>>;

  /** The attributes that people gave the device by name, what it shall be, and what it says of itself. */
  type Variables = Texts & { readonly desired: Texts; readonly reported: Texts };

  /** Either the data, or why there is none. */
  type UplinkResult = DecodedUplink | Refusal;

  interface DecodedUplink {
    /** Nested values, flattened to `a.b` and `c.0`; or the data row list. */
    data: Data | readonly Element[];
    /** Of all values without a time of their own. */
    time?: Time | null;
    /** Stored with the values; the first 16. */
    warnings?: readonly string[] | null;
    errors?: readonly [] | null;
  }

  interface Refusal {
    /** One is enough: the message is put aside as a dead letter, or the command is not sent. */
    errors: readonly string[];
    data?: undefined;
    bytes?: undefined;
    warnings?: readonly string[] | null;
  }

  /** Values that were said together. */
  interface Element {
    values: Data;
    time?: Time | null;
    quality?: Quality | null;
    /** Of the sub-device that the values are about; without it they are the sender's. */
    identificationCode?: string | null;
  }

  /** Milliseconds from 1e11 on, else seconds, since 1970 UTC; text is ISO 8601 with a zone. */
  type Time = Date | number | string;

  /** As OPC UA has it: 0 is good, 1 uncertain, 2 bad. */
  type Quality = 'good' | 'uncertain' | 'bad' | 0 | 1 | 2;

  /** NaN and infinities become null with a warning; integers beyond 2^53 become text. What is undefined is not there. */
  type Value = number | bigint | string | boolean | null | undefined;

  interface Data {
    readonly [name: string]: Value | Data | readonly (Value | Data)[];
  }

  /** A command for a device. `Command` says what the script expects of `data`; nobody checks it but the script. */
  interface DownlinkInput<Command> {
    readonly data: Command;
    readonly fPort: number | undefined;
    readonly variables: Variables;
  }

  type DownlinkResult = EncodedDownlink | Refusal;

  interface EncodedDownlink {
    /** 0 to 255 each, 4,096 at most. */
    bytes: readonly number[];
    /** 1 to 223; without it the port of the command. */
    fPort?: number | null;
    warnings?: readonly string[] | null;
    errors?: readonly [] | null;
  }

  type DecodeUplink = (input: UplinkInput) => UplinkResult;
  type EncodeDownlink<Command = Readonly<Record<string, unknown>>> = (input: DownlinkInput<Command>) => DownlinkResult;
}

/** What it writes is shown by a dry run, and dropped in the stream. */
declare const console: Record<'log' | 'info' | 'warn' | 'error' | 'debug' | 'trace', (...values: unknown[]) => void>;

// What codecs of LoRaWAN stacks expect of their host.

declare const module: { exports: object };
declare const exports: Record<string, unknown>;
declare function require(name: 'buffer' | 'node:buffer'): { Buffer: typeof Buffer };

declare function atob(base64: string): string;
declare function btoa(text: string): string;

declare class TextDecoder {
  constructor(encoding?: 'utf-8' | 'utf-16le' | 'latin1' | 'ascii', options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: ArrayBuffer | ArrayBufferView): string;
}

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}

declare namespace Millrace {
  type Encoding =
    | 'hex'
    | 'utf8'
    | 'utf-8'
    | 'ascii'
    | 'latin1'
    | 'binary'
    | 'base64'
    | 'base64url'
    | 'utf16le'
    | 'ucs2';
  type Number8 = 'Int8' | 'UInt8';
  type Number64 = `BigInt64${'LE' | 'BE'}` | `BigUInt64${'LE' | 'BE'}`;
  type NumberOfBits = `${'Int16' | 'UInt16' | 'Int32' | 'UInt32' | 'Float' | 'Double'}${'LE' | 'BE'}`;
  type NumberOfBytes = `${'Int' | 'UInt'}${'LE' | 'BE'}`;

  type BufferNumbers = Readonly<
    Record<`read${Number8 | NumberOfBits}`, (offset?: number) => number> &
      Record<`write${Number8 | NumberOfBits}`, (value: number, offset?: number) => number> &
      Record<`read${Number64}`, (offset?: number) => bigint> &
      Record<`write${Number64}`, (value: bigint, offset?: number) => number> &
      Record<`read${NumberOfBytes}`, (offset: number, bytes: number) => number> &
      Record<`write${NumberOfBytes}`, (value: number, offset: number, bytes: number) => number>
  >;
}

interface Buffer extends Uint8Array<ArrayBuffer>, Millrace.BufferNumbers {
  slice(start?: number, end?: number): Buffer;
  subarray(start?: number, end?: number): Buffer;
  toString(encoding?: Millrace.Encoding, start?: number, end?: number): string;
  equals(other: Uint8Array): boolean;
  copy(target: Uint8Array, targetStart?: number, start?: number, end?: number): number;
  write(text: string, offset?: number, length?: number, encoding?: Millrace.Encoding): number;
  indexOf(value: number | string | Uint8Array, start?: number): number;
  includes(value: number | string | Uint8Array, start?: number): boolean;
}

/** The part of Node's Buffer that codecs use. */
declare const Buffer: {
  from(text: string, encoding?: Millrace.Encoding): Buffer;
  from(bytes: ArrayLike<number> | ArrayBuffer): Buffer;
  alloc(length: number, fill?: number | string): Buffer;
  concat(buffers: readonly Uint8Array[], length?: number): Buffer;
  byteLength(text: string, encoding?: Millrace.Encoding): number;
  isBuffer(value: unknown): value is Buffer;
};
