/** The one way in which entities are written: with what their kind asks for, in the transaction that writes them. */
import type { WrittenEntity } from '@millrace/config';
import type { Database, Resource, ResourceRows, ResourceWrite } from '@millrace/control';
import { checkDeviceQuota } from './device-quota.ts';
import { definitionOf } from './resource-definitions.ts';
import { writeScripts } from './script-history.ts';

export interface WriteTools {
  readonly rows: ResourceRows;
  readonly transaction: Parameters<Parameters<Database['transaction']>[0]>[0];
}

/** As `ResourceRows.write`; throws also `quota_exceeded` for devices and `too_many_versions` for scripts. */
export async function writeEntities(
  tools: WriteTools,
  entity: WrittenEntity,
  changes: readonly ResourceWrite[],
): Promise<readonly Resource[]> {
  if (entity === 'scripts') return writeScripts(tools, changes);
  const written = await tools.rows.write(definitionOf(entity).name, changes);
  if (entity === 'devices') await checkDeviceQuota(tools.rows, changes.filter(({ before }) => !before).length);
  return written;
}
