/** Files of points as streams: how many at a time, what happens when one cannot go on, and when nobody takes it. */
import { Readable } from 'node:stream';
import { isoTimeOf } from '@millrace/contracts';
import type { Clock } from '@millrace/kernel';
import type { Emitter } from '@millrace/observe';
import { Places } from '@millrace/platform/rest';
import { csvFormat, type NamedPoint, parquetFormat, type PointFormat } from '@millrace/timeseries';
import type { apiEvents } from '../api-events.ts';
import type { DeviceData, WantedPoints } from './device-data.ts';

/** Each holds one page, and QuestDB's one worker while a page is read. */
const limits = { max: 8, ofTenantMax: 2, refusal: 'Too many exports are running; try again in a minute.' };
/** Who takes nothing for so long is gone, whatever the connection says. */
const stalledMsMax = 60_000;

export const exportFormats = { csv: csvFormat, parquet: parquetFormat } as const satisfies Record<string, PointFormat>;

export type ExportFormat = keyof typeof exportFormats;

export interface PointExportsParts {
  readonly deviceData: Pick<DeviceData, 'pages'>;
  readonly clock: Clock;
  readonly events: Pick<Emitter<typeof apiEvents>, 'pointsExported' | 'exportCut'>;
}

export interface PointFile {
  readonly name: string;
  readonly mediaType: string;
  /** Destroyed by an error instead of ended when the file is not complete. */
  readonly body: Readable;
}

export class PointExports {
  readonly #parts: PointExportsParts;
  readonly #places = new Places(limits);

  constructor(parts: PointExportsParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the first page is there, so that a refusal is an answer and no cut-off file. `gone` has to fire when the file
   * was taken or nobody takes it. Throws `overloaded`, `not_found` or `store_unavailable`.
   */
  async begin(tenant: string, format: ExportFormat, wanted: WantedPoints, gone: AbortSignal): Promise<PointFile> {
    const { mediaType, ending, encode } = exportFormats[format];
    this.#places.enter(tenant, gone);
    const pages = this.#parts.deviceData.pages(tenant, wanted, gone);
    const pieces = encode(this.#counted(format, await pages.next(), pages, gone));
    const body: Readable = Readable.from(
      unlessStalled(pieces, () => body.destroy(new Error('Nobody takes the file.'))),
      { objectMode: false },
    );
    const [from, to] = [wanted.fromMicros, wanted.toMicros].map((micros) =>
      isoTimeOf(micros).replaceAll(/[-:]|\.\d+/g, ''),
    );
    return { name: `points-${tenant}-${from}-${to}.${ending}`, mediaType, body };
  }

  async *#counted(
    format: ExportFormat,
    first: IteratorResult<readonly NamedPoint[]>,
    rest: AsyncIterable<readonly NamedPoint[]>,
    gone: AbortSignal,
  ): AsyncGenerator<readonly NamedPoint[]> {
    const { clock, events } = this.#parts;
    const beganMs = clock.monotonicMs();
    let points = 0;
    try {
      if (!first.done) {
        points += first.value.length;
        yield first.value;
      }
      for await (const page of rest) {
        points += page.length;
        yield page;
      }
    } catch (error) {
      if (!gone.aborted) events.exportCut({ format, points, error });
      throw error;
    }
    events.pointsExported({ format, points, tookMs: Math.round(clock.monotonicMs() - beganMs) });
  }
}

/** The same pieces; `stalled` is called when one is not taken in time. */
async function* unlessStalled(pieces: AsyncIterable<Uint8Array>, stalled: () => void): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    const timer = setTimeout(stalled, stalledMsMax);
    try {
      yield piece;
    } finally {
      clearTimeout(timer);
    }
  }
}
