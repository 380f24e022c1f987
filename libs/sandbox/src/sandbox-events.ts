/** What happens in a sandbox, by name: the same in every service that runs scripts. */
import { type Clock, systemClock } from '@millrace/kernel';
import { defineEvents, type Emitter, event } from '@millrace/observe';
import type { Sandbox, SandboxOptions } from './sandbox.ts';

export const sandboxEvents = defineEvents({
  sandboxStarted: event<{ processes: number; walls: string }>('info', 'The sandbox started; these walls are up.'),
  wallMissing: event<{ wall: string; found: string }>('warn', 'A wall around the scripts is not up on this machine.'),
  sandboxKilled: event<{ script: string; reason: string }>(
    'warn',
    'A script cost the sandbox its process.',
    'sandbox_kills_total',
  ),
  scriptQuarantined: event<{ script: string; subject: string; reason: string; failures: number; restsMs: number }>(
    'warn',
    'A script rests because it keeps breaking its limits; its messages are put aside meanwhile.',
    'quarantines_total',
  ),
});

export type SandboxEmitter = Emitter<typeof sandboxEvents>;

/** The options that make a sandbox tell what happens. */
export function tellsEvents(
  emit: SandboxEmitter,
  clock: Clock = systemClock,
): Pick<SandboxOptions, 'onKill' | 'onQuarantine'> {
  return {
    onKill: ({ name }, reason) => emit.sandboxKilled({ script: name, reason }),
    onQuarantine: ({ script, subject = '', reason, failures, restsUntilMs }) =>
      emit.scriptQuarantined({ script, subject, reason, failures, restsMs: restsUntilMs - clock.nowMs() }),
  };
}

/** Starts it and says what stands between its scripts and the machine. Rejects as `start` does. */
export async function startTelling(sandbox: Sandbox, emit: SandboxEmitter): Promise<void> {
  await sandbox.start();
  const { walls, pids } = sandbox;
  const up = walls.filter((wall) => wall.up).map(({ name }) => name);
  emit.sandboxStarted({ processes: pids.length, walls: up.join(', ') });
  for (const wall of walls) if (!wall.up) emit.wallMissing({ wall: wall.name, found: wall.detail });
}
