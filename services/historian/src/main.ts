/** The process of the historian. */
import { runService } from '@millrace/platform';
import { historianService } from './historian-service.ts';

await runService(historianService);
