/**
 * Who calls: checked once by the guard, handed to handlers, and never taken from path, query or body. Every route says what its
 * caller's key must allow: `Needs`.
 */
import {
  applyDecorators,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import type { Scope } from '@millrace/config';
import { Reflector } from '@nestjs/core';
import { ApiBearerAuth, ApiDefaultResponse } from '@nestjs/swagger';
import { type Caller, CallerReader, type CallerRequest, requireScope } from './access.ts';
import { problemAnswer } from './problem.ts';

interface GuardedRequest extends CallerRequest {
  caller?: Caller;
}

/** Metadata of routes and controllers. */
export const scopesOfRoute = 'millrace:scopes';
export const publicRoute = 'millrace:public';

/** Lets in whose key has the scopes that the route or its controller names. */
@Injectable()
export class ScopeGuard implements CanActivate {
  readonly #access: CallerReader;
  readonly #reflector: Reflector;

  constructor(access: CallerReader, reflector: Reflector) {
    this.#access = access;
    this.#reflector = reflector;
  }

  canActivate(context: ExecutionContext): boolean {
    const scopes = this.#reflector.getAllAndOverride<readonly Scope[] | undefined>(scopesOfRoute, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!scopes) throw new Error('A route behind the guard names no scope.');
    const request = context.switchToHttp().getRequest<GuardedRequest>();
    // Guards of the controller and of the method both come here, and a signed principal is read once.
    request.caller ??= this.#access.callerOf(request);
    for (const scope of scopes) requireScope(request.caller.key, scope);
    return true;
  }
}

/** What the key of a caller must allow: all of these scopes. On a controller, and on a method that needs something else. */
export function Needs(...scopes: readonly Scope[]): ClassDecorator & MethodDecorator {
  return applyDecorators(
    SetMetadata(scopesOfRoute, scopes),
    UseGuards(ScopeGuard),
    ApiBearerAuth(),
    ApiDefaultResponse({ standardSchema: problemAnswer, description: 'RFC 9457 problem details.' }),
  );
}

/** Open to everybody who reaches the port; `why` says why that is right. */
export function Public(why: string): ClassDecorator & MethodDecorator {
  return applyDecorators(SetMetadata(publicRoute, why));
}

/** For methods behind `Needs`: the tenant in which the caller acts. */
export const Tenant = createParamDecorator((_, context: ExecutionContext): string => callerOf(context).tenant);

/** For methods behind `Needs`. */
export const CallerOf = createParamDecorator((_, context: ExecutionContext): Caller => callerOf(context));

function callerOf(context: ExecutionContext): Caller {
  const { caller } = context.switchToHttp().getRequest<GuardedRequest>();
  if (caller === undefined) throw new Error('A method asks for its caller without the guard that knows it.');
  return caller;
}
