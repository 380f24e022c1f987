/** Refuses a second `up` beside the first on the same data folder. */
import { holderOf } from '../stack/file-lock.ts';
import { UserError } from '../stack/user-error.ts';
import { lockFileIn } from './data-folder.ts';

/** Said before anything is installed or built; the stack's own lock decides when two start in the same moment. */
export function refuseSecondRun(dataDir: string): void {
  const holder = holderOf(lockFileIn(dataDir));
  if (holder)
    throw new UserError(
      `Millrace runs in ${dataDir} already (process ${holder.pid}); ./millrace status shows it, ./millrace down ends it.`,
    );
}
