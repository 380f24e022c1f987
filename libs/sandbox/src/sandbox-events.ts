/** What happens in a sandbox, told as events of its service. */
import { type Clock, systemClock } from '@millrace/kernel';
import type { Sandbox, SandboxOptions } from './sandbox.ts';

/** The events that a service names for its sandbox. */
export interface SandboxEmitter {
  /** `walls`: those that are up. */
  sandboxStarted(fields: { readonly processes: number; readonly walls: string }): void;
  wallMissing(fields: { readonly wall: string; readonly found: string }): void;
  sandboxKilled(fields: { readonly script: string; readonly reason: string }): void;
  scriptQuarantined(fields: {
    readonly script: string;
    /** Empty: it rests for all. */
    readonly subject: string;
    readonly reason: string;
    readonly failures: number;
    readonly restsMs: number;
  }): void;
}

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
