/** All commands, in the order of the help. */
import { type Command } from '../command.ts';
import { assets } from './assets.ts';
import { bench } from './bench.ts';
import { check } from './check.ts';
import { config } from './config.ts';
import { connections } from './connections.ts';
import { consume } from './consume.ts';
import { devices } from './devices.ts';
import { down } from './down.ts';
import { env } from './env.ts';
import { instances } from './instances.ts';
import { keys } from './keys.ts';
import { load } from './load.ts';
import { logs } from './logs.ts';
import { products } from './products.ts';
import { prove } from './prove.ts';
import { registrations } from './registrations.ts';
import { scale } from './scale.ts';
import { scripts } from './scripts.ts';
import { status } from './status.ts';
import { tenants } from './tenants.ts';
import { test } from './test.ts';
import { up } from './up.ts';
import { data } from './values.ts';

export const commands: readonly Command[] = [
  up,
  down,
  status,
  scale,
  logs,
  consume,
  config,
  tenants,
  devices,
  registrations,
  keys,
  assets,
  products,
  scripts,
  connections,
  instances,
  data,
  test,
  check,
  bench,
  load,
  prove,
  env,
];
