/** Scripts are tried before they are published: what they make of messages, and what that costs. */
import type { ScriptSample, ScriptTrial } from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
import { ApiOkResponse, ApiOperation, ApiTags, Needs, Tenant } from '@millrace/platform/rest';
import { reportOf, runSamples, type RunReport } from '@millrace/sandbox';
import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { definitionOf } from '../resources/resource-definitions.ts';
import { Resources } from '../resources/resources.ts';
import { ScriptRunner } from './script-runner.ts';
import { runAnswer, runRequest, storedRunRequest } from './script-run-answers.ts';
import { versionOf } from './stored-versions.ts';

const definition = definitionOf('scripts');

/** Samples that were not reached by then say so. */
const patienceMs = 1_000;

interface Text {
  readonly scriptId: string;
  readonly version: number;
  readonly language: string;
  readonly source: string;
}

@Controller('v1/scripts')
@ApiTags('scripts')
export class ScriptRunsController {
  readonly #resources: Resources;
  readonly #runner: ScriptRunner;

  constructor(resources: Resources, runner: ScriptRunner) {
    this.#resources = resources;
    this.#runner = runner;
  }

  @Post('run')
  @HttpCode(200)
  @Needs('write')
  @ApiOperation({
    summary: 'Tries a text without keeping it',
    description: 'In the sandbox and with the limits that it has in the stream. Nothing is stored or sent.',
  })
  @ApiOkResponse({ standardSchema: runAnswer })
  run(
    @Tenant() tenant: string,
    @Body({ schema: runRequest }) { samples, ...text }: z.infer<typeof runRequest>,
  ): Promise<RunReport> {
    return this.#report(tenant, { scriptId: 'run', version: 0, ...text }, samples);
  }

  @Post(':id/run')
  @HttpCode(200)
  @Needs('read')
  @ApiOperation({
    summary: 'Tries a script that is there, or one of its versions',
    description: 'With its own samples, or with those of the request. Nothing is stored or sent.',
  })
  @ApiOkResponse({ standardSchema: runAnswer })
  async runStored(
    @Tenant() tenant: string,
    @Param('id') id: string,
    @Body({ schema: storedRunRequest }) { version, samples: given }: z.infer<typeof storedRunRequest>,
  ): Promise<RunReport> {
    const { body } = await this.#resources.get(definition, tenant, id);
    const text =
      version === undefined ? (body as unknown as Text) : await versionOf(this.#resources, tenant, id, version);
    const samples = given ?? (body['samples'] as unknown as readonly ScriptSample[]);
    if (samples.length > 0) return this.#report(tenant, text, samples);
    throw new MillraceError('invalid_field', `samples: Script ${id} has none; send some with the request.`, {
      errors: [{ field: 'samples', code: 'too_small', detail: 'The script has none.' }],
    });
  }

  async #report(
    tenant: string,
    { scriptId, version, language, source }: Text,
    samples: readonly ScriptTrial[],
  ): Promise<RunReport> {
    const script = { name: `${tenant}/${scriptId}@${version}`, tenant, language, source };
    const named = samples.map((sample, index) => ({ ...sample, name: sample.name || `sample ${index + 1}` }));
    return this.#runner.run(tenant, async (sandbox, signal) =>
      reportOf(await runSamples(sandbox, script, named, { patienceMs, signal })),
    );
  }
}
