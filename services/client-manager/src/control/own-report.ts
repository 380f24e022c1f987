/** What this instance tells the others of itself. */
import { readFileSync } from 'node:fs';
import type { ConnectionReport } from '../managed-connection.ts';
import type { Capacity } from './capacity.ts';
import type { OwnReport } from './connection-reports.ts';

const manifest = new URL('../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };

export function ownReportOf(
  instance: string,
  fleet: { reports(): readonly ConnectionReport[] },
  capacity: Pick<Capacity, 'reached'>,
): OwnReport {
  return (keys) => ({
    instance,
    version,
    ceilings: capacity.reached,
    connections:
      keys.size === 0
        ? []
        : fleet.reports().filter(({ tenant, connectionId }) => keys.has(`${tenant}/${connectionId}`)),
  });
}
