import { runService } from '@millrace/platform';
import { apiDefinition } from './api-definition.ts';

await runService(apiDefinition());
