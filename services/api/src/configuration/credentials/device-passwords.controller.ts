/** Passwords of devices, made here and shown once. */
import {
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOperation,
  ApiTags,
  idempotencyKeyOf,
  Needs,
  Tenant,
} from '@millrace/platform/rest';
import { Controller, Delete, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { z } from 'zod';
import { deviceUid } from '../../data/answers.ts';
import { entityIn } from '../resources/stored-body.ts';
import { DevicePasswords } from './device-passwords.ts';
import { type HeaderReply, neverStored, versionHeaders } from './secret-reply.ts';

const passwordAnswer = z
  .strictObject({
    deviceUid,
    password: z.string().describe('Shown this once.'),
    passwords: z.int().describe('How many are valid now.'),
  })
  .meta({ id: 'NewDevicePassword' });

const whichPassword = z.enum(['old', 'new']);

@Controller('v1/devices/:id/password')
@Needs('admin')
@ApiTags('devices')
export class DevicePasswordsController {
  readonly #passwords: DevicePasswords;

  constructor(passwords: DevicePasswords) {
    this.#passwords = passwords;
  }

  @Post()
  @ApiOperation({
    summary: 'Makes a password of a device; it is shown this once',
    description: 'One that the device has already stays valid until it is removed.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'The same request with the same key makes another password in the place of the one that it made.',
  })
  @ApiCreatedResponse({ standardSchema: passwordAnswer })
  async make(
    @Tenant() tenant: string,
    @Param('id') id: string,
    @Headers('idempotency-key') header: string | undefined,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<z.infer<typeof passwordAnswer>> {
    const key = idempotencyKeyOf(header);
    const { resource, password } = await this.#passwords.make(
      tenant,
      id,
      key === undefined ? key : { key, request: {} },
    );
    neverStored(versionHeaders(reply, resource));
    return { deviceUid: id, password, passwords: entityIn('devices', resource.body).passwordHashes.length };
  }

  @Delete(':which')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Ends one of two passwords: the old one when the device has the new one, the new one when nobody has it',
  })
  @ApiNoContentResponse()
  async remove(
    @Tenant() tenant: string,
    @Param('id') id: string,
    @Param('which', { schema: whichPassword }) which: z.infer<typeof whichPassword>,
    @Res({ passthrough: true }) reply: HeaderReply,
  ): Promise<void> {
    versionHeaders(reply, await this.#passwords.remove(tenant, id, which));
  }
}
