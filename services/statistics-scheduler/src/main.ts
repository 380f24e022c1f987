/** The process of the statistics scheduler. */
import { runService } from '@millrace/platform';
import { statisticsSchedulerService } from './statistics-scheduler-service.ts';

await runService(statisticsSchedulerService);
