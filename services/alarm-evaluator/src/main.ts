/** The process of the alarm evaluator. */
import { runService } from '@millrace/platform';
import { evaluatorService } from './evaluator-service.ts';

await runService(evaluatorService);
