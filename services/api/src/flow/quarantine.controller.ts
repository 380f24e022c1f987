/** Scripts that rest because they kept breaking their limits: over all services that run some, and the way to end it. */
import type { FollowedConfiguration } from '@millrace/config';
import { MillraceError } from '@millrace/contracts';
import { CONFIGURATION, SERVICE_ENVIRONMENT } from '@millrace/platform';
import { ApiOkResponse, ApiOperation, ApiTags, Needs, Tenant } from '@millrace/platform/rest';
import { Controller, Delete, Get, Inject, Param, Query } from '@nestjs/common';
import { z } from 'zod';
import type { ApiEnvironment } from '../environment.ts';
import { deviceUid } from '../data/answers.ts';
import { joinedQuarantines } from './joined-quarantines.ts';
import { clearedIn, quarantineOf } from './service-answers.ts';

const complete = z.boolean().describe('False: a service did not answer in time, and may know more.');

const quarantineAnswer = z
  .strictObject({
    items: z.array(
      z.strictObject({
        scriptId: z.string(),
        version: z.int(),
        device: z.string().nullable().describe('Null: the script rests for all devices.'),
        reason: z.string().describe('The limit that it broke: timeout, memory, or killed, when it ended its process.'),
        failures: z.int().describe('How often, in a row.'),
        restsUntil: z.iso.datetime().describe('Then it is tried again; it rests longer each time.'),
      }),
    ),
    complete,
  })
  .meta({ id: 'Quarantine' });

const clearQuery = z.strictObject({
  device: deviceUid.optional().describe('Only for this device. Default: all of the script.'),
});

const clearedAnswer = z
  .strictObject({ cleared: z.int().describe('How many rests ended, over all services.'), complete })
  .meta({ id: 'ClearedQuarantine' });

@Controller('v1/quarantine')
@Needs('read')
@ApiTags('scripts')
export class QuarantineController {
  readonly #addresses: readonly string[];
  readonly #followed: FollowedConfiguration;

  constructor(
    @Inject(SERVICE_ENVIRONMENT) { MILLRACE_ACCOUNTING_URLS: addresses }: ApiEnvironment,
    @Inject(CONFIGURATION) followed: FollowedConfiguration,
  ) {
    this.#addresses = addresses;
    this.#followed = followed;
  }

  @Get()
  @ApiOperation({
    summary: 'Scripts that are not run for a while, for one device or for all',
    description: 'Their messages are dead letters meanwhile.',
  })
  @ApiOkResponse({ standardSchema: quarantineAnswer })
  async list(@Tenant() tenant: string): Promise<z.infer<typeof quarantineAnswer>> {
    const answers = await Promise.all(this.#addresses.map((address) => quarantineOf(address, tenant)));
    return {
      items: [...joinedQuarantines(answers.flatMap((one) => one ?? []))],
      complete: !answers.includes(undefined),
    };
  }

  @Delete(':id')
  @Needs('write')
  @ApiOperation({ summary: 'Lets a script run again at once' })
  @ApiOkResponse({ standardSchema: clearedAnswer })
  async clear(
    @Tenant() tenant: string,
    @Param('id') scriptId: string,
    @Query({ schema: clearQuery }) device: z.infer<typeof clearQuery>,
  ): Promise<z.infer<typeof clearedAnswer>> {
    if (!this.#followed.configuration.script(tenant, scriptId))
      throw new MillraceError('not_found', `There is no script ${scriptId}.`);
    const what = { tenant, scriptId, ...device } as Readonly<Record<string, string>>;
    const answers = await Promise.all(this.#addresses.map((address) => clearedIn(address, what)));
    return {
      cleared: answers.reduce<number>((sum, cleared) => sum + (cleared ?? 0), 0),
      complete: !answers.includes(undefined),
    };
  }
}
