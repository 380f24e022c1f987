/** What a format of point files has to do; the members of the family stand beside it, one file each. */
import type { NamedPoint } from '../point-pages.ts';

export interface PointFormat {
  readonly mediaType: string;
  /** Behind the point of a file's name. */
  readonly ending: string;
  /**
   * The bytes of the file, in pieces. The next page is asked for when the pieces of the last were taken, so that memory does
   * not grow with the file; a format may gather a bounded number of rows. When the pages throw, so does this, and the pieces
   * given so far are no complete file.
   */
  readonly encode: (pages: AsyncIterable<readonly NamedPoint[]>) => AsyncGenerator<Uint8Array>;
}

/** Columns of every format, in this order. Of `value`, `text` and `boolean` at most one is filled: a missing value has none. */
export const pointFileColumns = [
  'time',
  'device',
  'signal',
  'value',
  'text',
  'boolean',
  'quality',
  'received_at',
] as const;
