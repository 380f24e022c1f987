import { runService } from '@millrace/platform';
import { clientManagerDefinition } from './client-manager-definition.ts';

await runService(clientManagerDefinition());
