/** The gateway as a service. */
import { topics } from '@millrace/contracts';
import type { ServiceDefinition } from '@millrace/platform';
import { gatewayVariables } from './environment.ts';
import { GatewayModule } from './gateway.module.ts';

export const gatewayDefinition: ServiceDefinition = {
  name: 'gateway',
  module: GatewayModule,
  environment: gatewayVariables,
  topics: [topics.raw, topics.quotaUsage],
  configuration: ['tenants', 'devices', 'apiKeys', 'deviceCredentials', 'certificateAuthorities', 'tokenIssuers'],
};
