/** The tenant of a request: checked once by the guard, handed to handlers, and never taken from path or query. */
import type { ApiKeyConfig } from '@millrace/contracts';
import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { ReadAccess, requireScope } from './read-access.ts';

interface KeyRequest {
  readonly headers: { readonly authorization?: string };
  key?: ApiKeyConfig;
}

/** Lets in who may read, in the tenant of the key. */
@Injectable()
export class TenantGuard implements CanActivate {
  readonly #access: ReadAccess;

  constructor(access: ReadAccess) {
    this.#access = access;
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<KeyRequest>();
    request.key = this.#access.keyOf(request.headers.authorization);
    return true;
  }
}

/** After `TenantGuard`: lets in who may send as well. */
@Injectable()
export class SenderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    requireScope(keyOf(context), 'ingest');
    return true;
  }
}

/** For methods behind `TenantGuard`. */
export const Tenant = createParamDecorator((_, context: ExecutionContext): string => keyOf(context).tenant);

/** For methods behind `TenantGuard`: the key that opened the tenant. */
export const Key = createParamDecorator((_, context: ExecutionContext): ApiKeyConfig => keyOf(context));

function keyOf(context: ExecutionContext): ApiKeyConfig {
  const { key } = context.switchToHttp().getRequest<KeyRequest>();
  if (key === undefined) throw new Error('A method asks for its tenant without the guard that knows it.');
  return key;
}
