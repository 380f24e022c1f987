/** A thousand rows or so of an import: what is right is written in one transaction, what is wrong is named by its row. */
import { isDeepStrictEqual } from 'node:util';
import { type Entities, referencesOf, type SecretKeeper, type WrittenEntity } from '@millrace/config';
import { type FieldError, MillraceError } from '@millrace/contracts';
import { type Database, type Resource, ResourceRows, type ResourceWrite } from '@millrace/control';
import { requireStorableText } from '@millrace/platform/rest';
import { deviceErrors } from '../resources/device-rules.ts';
import { readBody } from '../resources/read-body.ts';
import { definitionOf } from '../resources/resource-definitions.ts';
import { bodyOf, entityIn } from '../resources/stored-body.ts';
import { writeEntities } from '../resources/write-entities.ts';
import type { ImportQuery, RowError } from './import-answers.ts';
import type { ImportRow } from './import-rows.ts';

export interface ChunkOutcome {
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly errors: readonly RowError[];
  /** Undefined: nothing was changed. */
  readonly position: bigint | undefined;
}

interface WantedDevice {
  readonly row: number;
  readonly device: Entities['devices'];
  readonly before: Resource | undefined;
}

/** A uid is in a chunk once. Throws what a transaction throws, and `quota_exceeded`. */
export function importChunk(
  { database, secrets }: { readonly database: Database; readonly secrets: SecretKeeper },
  tenant: string,
  chunk: readonly ImportRow[],
  { mode, dryRun }: Pick<ImportQuery, 'mode' | 'dryRun'>,
): Promise<ChunkOutcome> {
  return database.ofTenant(tenant, async (transaction) => {
    const rows = new ResourceRows(transaction, tenant);
    const uids = chunk.flatMap((row) => memberOf(row, 'deviceUid') ?? []);
    const present = await (dryRun ? rows.findMany('devices', uids) : rows.lockMany('devices', uids));
    const errors = new RowErrors();
    const read = chunk.flatMap((row) =>
      errors.orElse(row.row, () => wantedDevice(row, tenant, present, mode, secrets)),
    );
    await refuseUnknownReferences(rows, read, errors);
    await refuseTakenCodes(rows, read, errors);
    await refuseWrongDevices(rows, read, errors);
    const wanted = right(read, errors).map(writeOf);
    const different = wanted.filter(({ body, before }) => !before || !isDeepStrictEqual(body, before.body));
    const created = different.filter(({ before }) => !before).length;
    if (!dryRun) await writeEntities({ rows, transaction }, 'devices', different);
    return {
      created,
      changed: different.length - created,
      unchanged: wanted.length - different.length,
      failed: chunk.length - wanted.length,
      errors: errors.found.toSorted((a, b) => a.row - b.row),
      position: rows.position,
    };
  });
}

/** A member of the row's device that is a text. */
export function memberOf(row: ImportRow, name: string): string | undefined {
  if (!('device' in row) || typeof row.device !== 'object' || row.device === null) return undefined;
  const value: unknown = Object.hasOwn(row.device, name) ? Reflect.get(row.device, name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function wantedDevice(
  row: ImportRow,
  tenant: string,
  present: ReadonlyMap<string, Resource>,
  mode: ImportQuery['mode'],
  secrets: SecretKeeper,
): WantedDevice {
  if ('errors' in row) throw new MillraceError('malformed_body', 'The row cannot be read.', { errors: row.errors });
  requireStorableText(row.device);
  const before = present.get(memberOf(row, 'deviceUid') ?? '');
  if (before && mode === 'create')
    throw wrong({ field: 'deviceUid', code: 'already_exists', detail: `There is a ${before.id} already.` });
  const stored = before && entityIn('devices', before.body);
  return { row: row.row, device: readBody('devices', tenant, row.device, stored, secrets), before };
}

const right = (read: readonly WantedDevice[], errors: RowErrors): readonly WantedDevice[] =>
  read.filter(({ row }) => !errors.isWrong(row));

const writeOf = ({ device, before }: WantedDevice): ResourceWrite => ({
  id: device.deviceUid,
  body: bodyOf(device),
  before,
});

async function refuseUnknownReferences(
  rows: ResourceRows,
  read: readonly WantedDevice[],
  errors: RowErrors,
): Promise<void> {
  const references = read.flatMap(({ row, device }) =>
    referencesOf('devices', device as never).map((reference) => ({ ...reference, row })),
  );
  for (const [entity, some] of Map.groupBy(references, (one) => one.entity)) {
    const { name } = definitionOf(entity as WrittenEntity);
    const missing = new Set(await rows.missing(name, [...new Set(some.map(({ id }) => id))]));
    // A gateway may come with its devices.
    for (const { device } of entity === 'devices' ? read : []) missing.delete(device.deviceUid);
    for (const { row, field, id } of some)
      if (missing.has(id)) errors.add(row, [{ field, code: 'unknown_reference', detail: `There is no ${id}.` }]);
  }
}

/** Also those whose gateway is a row that is wrong and not there yet. */
async function refuseWrongDevices(rows: ResourceRows, read: readonly WantedDevice[], errors: RowErrors): Promise<void> {
  const wrongOnes = await deviceErrors(rows, right(read, errors).map(writeOf));
  for (const { row, device } of read) errors.add(row, wrongOnes.get(device.deviceUid)?.errors ?? []);
  const absent = new Set(
    read.filter(({ row, before }) => errors.isWrong(row) && !before).map(({ device }) => device.deviceUid),
  );
  for (const { row, device } of right(read, errors))
    if (device.gatewayUid !== null && absent.has(device.gatewayUid))
      errors.add(row, [
        { field: 'gatewayUid', code: 'unknown_reference', detail: `The row of ${device.gatewayUid} is wrong.` },
      ]);
}

/** A code is unique when the statement is executed: one that another device gives up in the same chunk is still taken. */
async function refuseTakenCodes(rows: ResourceRows, read: readonly WantedDevice[], errors: RowErrors): Promise<void> {
  const codes = read.flatMap(({ device }) => device.identificationCode ?? []);
  const holders = await rows.holders('devices', 'identification_code', codes);
  for (const { row, device } of read) {
    const holder = holders.get(device.identificationCode ?? '');
    if (holder !== undefined && holder !== device.deviceUid)
      errors.add(row, [{ field: 'identificationCode', code: 'already_exists', detail: `Device ${holder} has it.` }]);
  }
}

function wrong(error: FieldError): MillraceError {
  return new MillraceError('invalid_field', error.detail, { errors: [error] });
}

class RowErrors {
  readonly found: RowError[] = [];
  readonly #wrong = new Set<number>();

  isWrong(row: number): boolean {
    return this.#wrong.has(row);
  }

  add(row: number, errors: readonly FieldError[]): void {
    if (errors.length > 0) this.#wrong.add(row);
    for (const { field, code, detail } of errors) this.found.push({ row, field, code, detail });
  }

  /** What `read` gives, or nothing after its error was noted. */
  orElse<T>(row: number, read: () => T): readonly T[] {
    try {
      return [read()];
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      this.add(row, error.errors);
      return [];
    }
  }
}
