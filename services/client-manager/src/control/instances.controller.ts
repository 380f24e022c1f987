/** The instances of the client manager over HTTP, the same on every one of them. */
import { instanceList } from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
import {
  ApiExcludeController,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  Needs,
} from '@millrace/platform/rest';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { Cluster, type ClusterInstance } from './cluster.ts';
import { ConnectionReports, type InstanceReport, type OwnReport, reportPath } from './connection-reports.ts';
import { OWN_REPORT } from './control-tokens.ts';

@Controller('v1/instances')
@Needs('platform')
@ApiTags('connections')
export class InstancesController {
  readonly #cluster: Cluster;
  readonly #reports: ConnectionReports;

  constructor(cluster: Cluster, reports: ConnectionReports) {
    this.#cluster = cluster;
    this.#reports = reports;
  }

  @Get()
  @ApiOperation({ summary: 'The instances of the client manager that are alive' })
  @ApiOkResponse({ standardSchema: instanceList })
  async list(): Promise<z.infer<typeof instanceList>> {
    const { instances } = this.#cluster.view();
    return { items: await Promise.all(instances.map((one) => this.#view(one))), next: null };
  }

  @Post(':instance/drain')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Lets an instance give its connections to the others',
    description: 'It takes none until the end of the drain; what nobody has room for stays with it.',
  })
  @ApiNoContentResponse()
  drain(@Param('instance') instance: string): Promise<void> {
    return this.#drain(instance, true);
  }

  @Delete(':instance/drain')
  @HttpCode(204)
  @ApiOperation({ summary: 'Lets an instance take connections again' })
  @ApiNoContentResponse()
  undrain(@Param('instance') instance: string): Promise<void> {
    return this.#drain(instance, false);
  }

  async #drain(instance: string, on: boolean): Promise<void> {
    if (!this.#cluster.view().instances.some((one) => one.instance === instance))
      throw new MillraceError('not_found', `There is no instance ${instance}; GET /v1/instances lists them.`);
    await this.#cluster.drain(instance, on);
  }

  async #view({ sinceMs, ...rest }: ClusterInstance): Promise<z.infer<typeof instanceList>['items'][number]> {
    const report = await this.#reports.ofInstance(rest.instance, []);
    return {
      ...rest,
      ceilings: [...(report?.ceilings ?? [])],
      since: new Date(sinceMs).toISOString(),
      version: report?.version ?? null,
    };
  }
}

const reportRequest = z.strictObject({ connections: z.array(z.string()) });

/** What instances ask each other. */
@Controller(reportPath)
@Needs('platform')
@ApiExcludeController()
export class InstanceReportsController {
  readonly #own: OwnReport;

  constructor(@Inject(OWN_REPORT) own: OwnReport) {
    this.#own = own;
  }

  @Post()
  @HttpCode(200)
  report(@Body({ schema: reportRequest }) { connections }: z.infer<typeof reportRequest>): InstanceReport {
    return this.#own(new Set(connections));
  }
}
