/** The key with which a stack configures itself: made once per data folder, given to the api as MILLRACE_ADMIN_KEY. */
import { join } from 'node:path';
import { secretIn } from './secret-key.ts';

export const adminKeyIn = (dataDir: string): string => `admin.${secretIn(join(dataDir, 'admin.key'))}`;
