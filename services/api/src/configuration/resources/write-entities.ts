/** The one way in which entities are written: with what their kind asks for, in the transaction that writes them. */
import type { WrittenEntity } from '@millrace/config';
import type { Database, Resource, ResourceRows, ResourceWrite } from '@millrace/control';
import { writeAssets } from './asset-rules.ts';
import { checkDeviceQuota } from './device-quota.ts';
import { deviceErrors } from './device-rules.ts';
import { definitionOf } from './resource-definitions.ts';
import type { ScriptGate } from '../scripts/script-gate.ts';
import { writeScripts } from './script-history.ts';

export interface WriteTools {
  readonly rows: ResourceRows;
  readonly transaction: Parameters<Parameters<Database['transaction']>[0]>[0];
  /** Of who writes scripts. */
  readonly gate?: ScriptGate;
}

/** As `ResourceRows.write`; throws also what the rules of scripts, assets and devices find, and `quota_exceeded`. */
export async function writeEntities(
  tools: WriteTools,
  entity: WrittenEntity,
  changes: readonly ResourceWrite[],
): Promise<readonly Resource[]> {
  if (entity === 'scripts') return writeScripts(tools, changes);
  if (entity === 'assets') return writeAssets(tools, changes);
  if (entity === 'devices') return writeDevices(tools, changes);
  return tools.rows.write(definitionOf(entity).name, changes);
}

async function writeDevices({ rows }: WriteTools, changes: readonly ResourceWrite[]): Promise<readonly Resource[]> {
  for (const error of (await deviceErrors(rows, changes)).values()) throw error;
  const written = await rows.write('devices', changes);
  await checkDeviceQuota(rows, changes.filter(({ before }) => !before).length);
  return written;
}
