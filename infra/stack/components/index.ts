/** The components of the local stack, in the order in which `status` shows them. */
import { type Component } from '../component.ts';
import { kafka } from './kafka.ts';
import { mail } from './mail.ts';
import { mosquitto } from './mosquitto.ts';
import { postgres } from './postgres.ts';
import { questdb } from './questdb.ts';
import { redis } from './redis.ts';
import { registry } from './registry.ts';

export const components = { kafka, registry, questdb, redis, postgres, mosquitto, mail } as const satisfies Record<
  string,
  Component
>;

export type ComponentName = keyof typeof components;

export const componentNames = Object.keys(components) as ComponentName[];
