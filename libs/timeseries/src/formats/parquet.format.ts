/** Apache Parquet, columns compressed by Snappy. Its index stands at the end, so a file that was cut off cannot be opened. */
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { NamedPoint } from '../point-pages.ts';
import { type PointFormat, pointFileColumns } from './point-format.ts';

/** Enough for the columns to compress well; a few megabytes while they are gathered. */
export const rowGroupRows = 20_000;

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][0];
type Cell = bigint | string | number | boolean | null;

const micros = {
  type: 'INT64',
  converted_type: 'TIMESTAMP_MICROS',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
} as const;
const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const;
const required = { repetition_type: 'REQUIRED' } as const;
const optional = { repetition_type: 'OPTIONAL' } as const;

interface ColumnForm {
  readonly element: Omit<SchemaElement, 'name'>;
  readonly cell: (point: NamedPoint) => Cell;
}

const forms: Readonly<Record<(typeof pointFileColumns)[number], ColumnForm>> = {
  time: { element: { ...micros, ...required }, cell: ({ timeMicros }) => BigInt(timeMicros) },
  device: { element: { ...text, ...required }, cell: ({ device }) => device },
  signal: { element: { ...text, ...required }, cell: ({ signal }) => signal },
  value: { element: { type: 'DOUBLE', ...optional }, cell: ({ value }) => (typeof value === 'number' ? value : null) },
  text: { element: { ...text, ...optional }, cell: ({ value }) => (typeof value === 'string' ? value : null) },
  boolean: {
    element: { type: 'BOOLEAN', ...optional },
    cell: ({ value }) => (typeof value === 'boolean' ? value : null),
  },
  quality: { element: { type: 'INT32', ...required }, cell: ({ quality }) => quality },
  received_at: { element: { ...micros, ...required }, cell: ({ receivedAtMicros }) => BigInt(receivedAtMicros) },
};

export const parquetFormat: PointFormat = {
  mediaType: 'application/vnd.apache.parquet',
  ending: 'parquet',
  async *encode(pages) {
    const bytes = new PieceWriter();
    const elements = pointFileColumns.map((name) => ({ name, ...forms[name].element }));
    const file = new ParquetWriter({
      writer: bytes,
      schema: [{ name: 'point', num_children: elements.length }, ...elements],
      createdBy: 'millrace',
    });
    let gathered: NamedPoint[] = [];
    for await (const points of pages) {
      gathered = gathered.concat(points);
      if (gathered.length < rowGroupRows) continue;
      await file.write({ columnData: columnsOf(gathered), rowGroupSize: gathered.length });
      yield bytes.take();
      gathered = [];
    }
    if (gathered.length > 0) await file.write({ columnData: columnsOf(gathered), rowGroupSize: gathered.length });
    await file.finish();
    yield bytes.take();
  },
};

function columnsOf(points: readonly NamedPoint[]) {
  return pointFileColumns.map((name) => ({ name, data: points.map(forms[name].cell), offsetIndex: false }));
}

/** Gives away what was written, so that it holds one row group. */
class PieceWriter extends ByteWriter {
  take(): Uint8Array {
    const piece = this.getBytes().slice();
    this.index = 0;
    return piece;
  }
}
