/** Making and changing keys of programs; the key itself is shown once. */
import { generateKey, keyIdOf } from '@millrace/auth';
import { endTime, scopeNames } from '@millrace/config';
import {
  ApiCreatedResponse,
  ApiOperation,
  ApiTags,
  type Caller,
  CallerOf,
  Needs,
  requireGivable,
} from '@millrace/platform/rest';
import { Body, Controller, Post, Res } from '@nestjs/common';
import { z } from 'zod';
import { type HeaderReply, neverStored, versionHeaders } from '../credentials/secret-reply.ts';
import { resourceAnswers } from './resource-answers.ts';
import { definitionOf } from './resource-definitions.ts';
import { Resources } from './resources.ts';

const definition = definitionOf('apiKeys');

const keyRequest = z
  .strictObject({
    scopes: z.array(z.enum(scopeNames)).min(1),
    expiresAt: endTime.nullable().default(null),
  })
  .meta({ id: 'ApiKeyRequest' });

const keyAnswer = resourceAnswers(definition)
  .one.extend({ key: z.string().describe('The whole key, shown this once.') })
  .meta({ id: 'NewApiKey' });

@Controller('v1/api-keys')
@Needs('admin')
@ApiTags('api-keys')
export class ApiKeysController {
  readonly #resources: Resources;

  constructor(resources: Resources) {
    this.#resources = resources;
  }

  @Post()
  @ApiOperation({ summary: 'Makes a key; it is shown this once' })
  @ApiCreatedResponse({ standardSchema: keyAnswer })
  async create(
    @CallerOf() caller: Caller,
    @Body({ schema: keyRequest }) { scopes, expiresAt }: z.infer<typeof keyRequest>,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<Readonly<Record<string, unknown>>> {
    requireGivable(caller.key, scopes);
    const key = generateKey();
    const keyId = keyIdOf(key)!;
    const { resource } = await this.#resources.create(definition, caller.tenant, { keyId, key, scopes, expiresAt });
    neverStored(versionHeaders(reply, resource)).header('location', `/v1/api-keys/${keyId}`);
    return { ...this.#resources.view(definition, resource), key };
  }
}
