/** What the supervisor must know of a process, and what it tells about it. */
import { type Ports } from './ports.ts';

/** Started in this order, stopped in the opposite one. */
export const processKinds = ['infrastructure', 'service', 'demo'] as const;
export type ProcessKind = (typeof processKinds)[number];

export interface ProcessPlan {
  /** Component or service. */
  readonly name: string;
  /** `<name>-<n>`, unique in a stack. */
  readonly instance: string;
  readonly kind: ProcessKind;
  readonly command: string;
  readonly parameters: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  readonly log: string;
  readonly url: string | null;
  /** It must listen on all of them itself to be ready. */
  readonly ports: Ports;
  /** One probe; may throw, which means false. */
  isReady(signal: AbortSignal): Promise<boolean>;
  /** Asks it to end; it has `stopMsMax` before SIGKILL. */
  readonly stopSignal: NodeJS.Signals;
  readonly stopMsMax: number;
}

/** `waiting`: it ended and is started again after a while. */
export type ProcessState = 'starting' | 'ready' | 'waiting' | 'stopping' | 'stopped';

/** One entry of `status --json`, plus what is needed to recognise the process later. */
export interface ProcessStatus {
  readonly name: string;
  readonly instance: string;
  readonly kind: ProcessKind;
  readonly pid: number | null;
  readonly state: ProcessState;
  readonly ready: boolean;
  readonly url: string | null;
  readonly ports: Ports;
  readonly log: string;
  /** Times it was started again after it had ended by itself. */
  readonly restarts: number;
  /** See process-identity.ts; null without a pid. */
  readonly born: string | null;
}
