/** The process of the parser. */
import { runService } from '@millrace/platform';
import { parserService } from './parser-service.ts';

await runService(parserService);
