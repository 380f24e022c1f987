/** The parser as a service: raw messages in, data row lists out. */
import { topics } from '@millrace/contracts';
import type { ServiceDefinition } from '@millrace/platform';
import { parserVariables } from './environment.ts';
import { ParserModule } from './parser.module.ts';

export const parserService: ServiceDefinition = {
  name: 'parser',
  module: ParserModule,
  environment: parserVariables,
  groupVariable: 'MILLRACE_PARSER_GROUP',
  topics: [
    topics.raw,
    topics.rawDeadLetters,
    topics.parked,
    topics.parkedDeadLetters,
    topics.points,
    topics.connectionClaims,
    topics.quotaUsage,
  ],
  configuration: ['tenants', 'devices', 'products', 'scripts'],
};
