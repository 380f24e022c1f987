/** The tenant of a request: checked once by the guard, handed to handlers, and never taken from path or query. */
import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { ReadAccess } from './read-access.ts';

interface TenantRequest {
  readonly headers: { readonly authorization?: string };
  tenant?: string;
}

@Injectable()
export class TenantGuard implements CanActivate {
  readonly #access: ReadAccess;

  constructor(access: ReadAccess) {
    this.#access = access;
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<TenantRequest>();
    request.tenant = this.#access.tenantOf(request.headers.authorization);
    return true;
  }
}

/** For methods behind `TenantGuard`. */
export const Tenant = createParamDecorator((_, context: ExecutionContext): string => {
  const { tenant } = context.switchToHttp().getRequest<TenantRequest>();
  if (tenant === undefined) throw new Error('A method asks for its tenant without the guard that knows it.');
  return tenant;
});
