/** The process of the notifier. */
import { runService } from '@millrace/platform';
import { notifierService } from './notifier-service.ts';

await runService(notifierService);
