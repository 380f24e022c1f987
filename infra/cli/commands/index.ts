/** All commands, in the order of the help. */
import { type Command } from '../command.ts';
import { bench } from './bench.ts';
import { check } from './check.ts';
import { consume } from './consume.ts';
import { down } from './down.ts';
import { env } from './env.ts';
import { load } from './load.ts';
import { logs } from './logs.ts';
import { prove } from './prove.ts';
import { scale } from './scale.ts';
import { status } from './status.ts';
import { test } from './test.ts';
import { up } from './up.ts';

export const commands: readonly Command[] = [
  up,
  down,
  status,
  scale,
  logs,
  consume,
  test,
  check,
  bench,
  load,
  prove,
  env,
];
