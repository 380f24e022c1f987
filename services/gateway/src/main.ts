import { runService } from '@millrace/platform';
import { gatewayDefinition } from './gateway-definition.ts';

await runService(gatewayDefinition);
