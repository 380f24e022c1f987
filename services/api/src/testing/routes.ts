/** The routes of the api with what they declare, read from the controllers themselves. */
import { publicRoute, scopesOfRoute } from '@millrace/platform/rest';
import { type DynamicModule, RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, MODULE_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { Scope } from '@millrace/config';
import { ApiModule } from '../api.module.ts';

export interface Route {
  /** `GET /v1/devices/:id` */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** All of them are needed; undefined: none was declared. */
  readonly scopes: readonly Scope[] | undefined;
  /** Why the route is open. */
  readonly open: string | undefined;
}

export function declaredRoutes(): readonly Route[] {
  return controllersOf(ApiModule.of(() => true)).flatMap(routesOf);
}

/** Of a module and of those that it imports. */
function controllersOf(module: DynamicModule | Type): readonly Type[] {
  const { module: type, controllers = [], imports = [] } = 'module' in module ? module : { module };
  const declared = (key: string): readonly unknown[] => (Reflect.getMetadata(key, type) as unknown[] | undefined) ?? [];
  const imported = [...imports, ...declared(MODULE_METADATA.IMPORTS)] as (DynamicModule | Type)[];
  return [...controllers, ...(declared(MODULE_METADATA.CONTROLLERS) as Type[]), ...imported.flatMap(controllersOf)];
}

/** Inherited methods are routes too. */
function routesOf(controller: Type): readonly Route[] {
  const routes: Route[] = [];
  let type = controller.prototype as object;
  for (; type !== Object.prototype; type = Object.getPrototypeOf(type) as object)
    for (const name of Object.getOwnPropertyNames(type)) {
      const handler = Object.getOwnPropertyDescriptor(type, name)?.value as unknown;
      if (typeof handler !== 'function') continue;
      const verb = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
      if (verb === undefined) continue;
      const declared = (key: string): unknown =>
        Reflect.getMetadata(key, handler) ?? Reflect.getMetadata(key, controller);
      const parts = [controller, handler].map((it) => String(Reflect.getMetadata(PATH_METADATA, it)));
      const path = `/${parts
        .map((part) => part.replaceAll(/^\/+|\/+$/g, ''))
        .filter(Boolean)
        .join('/')}`;
      const method = RequestMethod[verb];
      routes.push({
        name: `${method} ${path}`,
        method,
        path,
        scopes: declared(scopesOfRoute) as Route['scopes'],
        open: declared(publicRoute) as string | undefined,
      });
    }
  return routes;
}
