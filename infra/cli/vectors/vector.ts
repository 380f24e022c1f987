/** Test vectors as they lie beside codecs: what a function is given, and what it must return. */
import { type UplinkSample } from '@millrace/sandbox';

export interface Vector {
  readonly name: string;
  readonly functionName: 'decodeUplink' | 'decodeDownlink' | 'encodeDownlink';
  /** `bytes` is an array of numbers. */
  readonly input: Readonly<Record<string, unknown>>;
  /** `{data, warnings?, errors?}` or `{bytes, fPort, …}`, as the codec's author wrote it. */
  readonly expected: unknown;
}

/** A codec with a file of vectors of another stack, or with samples of ours, which say what rows there are. */
export interface TestedCodec {
  /** Path of the codec. */
  readonly file: string;
  readonly vectors: readonly Vector[];
  readonly samples: readonly UplinkSample[];
  /** Why its vectors cannot be read. */
  readonly problem?: string;
}

/** One folder, not those in it. */
export interface Folder {
  readonly path: string;
  /** Names, sorted. */
  readonly files: readonly string[];
}

/** The contract of a layout: one file each. Reads what is there as it is; what cannot be read is a codec with a problem. */
export type VectorLayout = (folder: Folder, read: LiteralReader) => Promise<readonly TestedCodec[]>;

/** Value of a JavaScript literal, such as JSON with comments and hexadecimal numbers. Rejects with a UserError. */
export type LiteralReader = (text: string, file: string) => Promise<unknown>;

export const codecOf = (file: string, rest: Partial<TestedCodec>): TestedCodec => ({
  file,
  vectors: [],
  samples: [],
  ...rest,
});
