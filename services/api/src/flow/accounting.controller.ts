import { SERVICE_ENVIRONMENT } from '@millrace/platform';
import { ApiOperation, ApiTags, Public } from '@millrace/platform/rest';
import { Controller, Get, Inject } from '@nestjs/common';
import { type SummedHop, sumOf } from './accounting-sum.ts';
import type { ApiEnvironment } from '../environment.ts';
import { reportOf } from './service-answers.ts';

interface AccountingSum {
  readonly hops: readonly SummedHop[];
  /** Addresses whose numbers are not in the sum. */
  readonly missing: readonly string[];
}

/** What became of every message, over all services. */
@Controller('v1/accounting')
@Public('It has counts and names of services, as /metrics of each service has, for those who operate them.')
@ApiTags('operations')
export class AccountingController {
  readonly #addresses: readonly string[];

  constructor(@Inject(SERVICE_ENVIRONMENT) environment: ApiEnvironment) {
    this.#addresses = environment.MILLRACE_ACCOUNTING_URLS;
  }

  @Get('sum')
  @ApiOperation({ summary: 'Messages by hop and outcome, added over the services of MILLRACE_ACCOUNTING_URLS' })
  async sum(): Promise<AccountingSum> {
    const reports = await Promise.all(this.#addresses.map((address) => reportOf(address)));
    return {
      hops: sumOf(reports.filter((report) => report !== undefined)),
      missing: this.#addresses.filter((_, index) => reports[index] === undefined),
    };
  }
}
