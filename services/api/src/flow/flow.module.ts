/** What flows through the installation, as its services and Kafka tell. */
import { type Kafka, offsetsBehind } from '@millrace/kafka';
import { systemClock } from '@millrace/kernel';
import { KAFKA, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { Module } from '@nestjs/common';
import type { ApiEnvironment } from '../environment.ts';
import { Stores } from '../stores.ts';
import { AccountingController } from './accounting.controller.ts';
import { QuarantineController } from './quarantine.controller.ts';
import { FlowWatch } from './flow-watch.ts';
import { FlowController } from './flow.controller.ts';

@Module({
  controllers: [FlowController, AccountingController, QuarantineController],
  providers: [
    {
      provide: FlowWatch,
      inject: [SERVICE_ENVIRONMENT, KAFKA, Stores],
      useFactory: ({ MILLRACE_ACCOUNTING_URLS: addresses }: ApiEnvironment, kafka: Kafka, { probes }: Stores) =>
        new FlowWatch({ addresses, behind: (groups) => offsetsBehind(kafka, groups), probes, clock: systemClock }),
    },
  ],
})
export class FlowModule {}
