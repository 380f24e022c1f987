/** What operators and orchestrators ask every service. */
import { Accounting, type AccountingReport, Metrics } from '@millrace/observe';
import { Controller, Get, Res } from '@nestjs/common';
import { Readiness } from './readiness.ts';

/** The part of a Fastify reply that is used here. */
interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
}

@Controller()
export class OperationsController {
  readonly #readiness: Readiness;
  readonly #metrics: Metrics;
  readonly #accounting: Accounting;

  constructor(readiness: Readiness, metrics: Metrics, accounting: Accounting) {
    this.#readiness = readiness;
    this.#metrics = metrics;
    this.#accounting = accounting;
  }

  /** The process answers: that is all that can be asked of one that waits for Kafka. */
  @Get('health/live')
  live(): { readonly live: true } {
    return { live: true };
  }

  /** 503 with the reasons while the process should get no work. */
  @Get('health/ready')
  ready(@Res({ passthrough: true }) reply: Reply): {
    readonly ready: boolean;
    readonly reasons: Readonly<Record<string, string>>;
  } {
    const reasons = this.#readiness.reasons();
    const ready = Object.keys(reasons).length === 0;
    reply.status(ready ? 200 : 503);
    return { ready, reasons };
  }

  @Get('metrics')
  metrics(@Res({ passthrough: true }) reply: Reply): Promise<string> {
    const { registry } = this.#metrics;
    reply.header('content-type', registry.contentType);
    return registry.metrics();
  }

  @Get('v1/accounting')
  accounting(): AccountingReport {
    return this.#accounting.report();
  }
}
