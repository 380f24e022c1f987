/** A new secret of a key of programs, shown once. */
import {
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  type Caller,
  CallerOf,
  idempotencyKeyOf,
  Needs,
  requireGivable,
} from '@millrace/platform/rest';
import { Body, Controller, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { z } from 'zod';
import { resourceAnswers } from '../resources/resource-answers.ts';
import { definitionOf } from '../resources/resource-definitions.ts';
import { Resources } from '../resources/resources.ts';
import { KeyRotation } from './key-rotation.ts';
import { type HeaderReply, neverStored, versionHeaders } from './secret-reply.ts';

const definition = definitionOf('apiKeys');
const daySeconds = 86_400;
/** Whoever needs longer makes a second key. */
const overlapSecondsMax = 30 * daySeconds;

const rotationRequest = z
  .strictObject({
    overlapSeconds: z
      .int()
      .min(0)
      .max(overlapSecondsMax)
      .default(daySeconds)
      .describe('How long the secret before stays valid; 0: it ends at once. One before that ends in any case.'),
  })
  .prefault({})
  .meta({ id: 'KeyRotationRequest' });

const rotatedAnswer = resourceAnswers(definition)
  .one.extend({ key: z.string().describe('The whole key with its new secret, shown this once.') })
  .meta({ id: 'RotatedApiKey' });

@Controller('v1/api-keys/:id/rotate')
@Needs('admin')
@ApiTags('api-keys')
export class KeyRotationController {
  readonly #rotation: KeyRotation;
  readonly #resources: Resources;

  constructor(rotation: KeyRotation, resources: Resources) {
    this.#rotation = rotation;
    this.#resources = resources;
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Gives a key a new secret, which is shown this once',
    description: 'Id, scopes and end stay as they are.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'The same request with the same key makes another secret in the place of the one that it made.',
  })
  @ApiOkResponse({ standardSchema: rotatedAnswer })
  async rotate(
    @CallerOf() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: rotationRequest }) request: z.infer<typeof rotationRequest>,
    @Headers('idempotency-key') header: string | undefined,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<Readonly<Record<string, unknown>>> {
    const idempotencyKey = idempotencyKeyOf(header);
    const { resource, key } = await this.#rotation.rotate(caller.tenant, id, {
      ...request,
      allow: (scopes) => requireGivable(caller.key, scopes),
      idempotency: idempotencyKey === undefined ? undefined : { key: idempotencyKey, request },
    });
    neverStored(versionHeaders(reply, resource));
    return { ...this.#resources.view(definition, resource), key };
  }
}
