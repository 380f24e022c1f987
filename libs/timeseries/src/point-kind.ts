/** The column `kind`: which of the kinds of values a row holds, and where. */
import type { DataRow } from '@millrace/contracts';

export type PointValue = DataRow['value'];

/** Numbers are in `value`, text in `text`, booleans in `value` as 0 or 1. */
export const pointKinds = { null: 0, double: 1, text: 2, boolean: 3 } as const;

/** The value of a row from its three columns. */
export function pointValueOf(kind: number, value: number | null, text: string | null): PointValue {
  switch (kind) {
    case pointKinds.double:
      return value;
    case pointKinds.text:
      return text;
    case pointKinds.boolean:
      return value === null ? null : value !== 0;
    default:
      return null;
  }
}
