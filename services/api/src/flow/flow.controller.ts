import { ApiOkResponse, ApiOperation, ApiTags, Needs } from '@millrace/platform/rest';
import { Controller, Get } from '@nestjs/common';
import { flowAnswer } from './flow-answers.ts';
import { type Flow, FlowWatch } from './flow-watch.ts';

/** How the platform as a whole does: sums over all tenants, no names of theirs and no addresses. */
@Controller('v1/flow')
@Needs('read')
@ApiTags('operations')
export class FlowController {
  readonly #watch: FlowWatch;

  constructor(watch: FlowWatch) {
    this.#watch = watch;
  }

  @Get()
  @ApiOperation({ summary: 'Rates, lag, dead letters and missing parts of the whole platform' })
  @ApiOkResponse({ standardSchema: flowAnswer })
  flow(): Promise<Flow> {
    return this.#watch.current();
  }
}
