/** The contract of a piece of infrastructure: one file per component in `components/`. */
import { type Ports } from './ports.ts';
import { type Toolchain } from './toolchain/toolchain.ts';

/** `quick start`: JVMs compile little and are ready soon. `sustained load`: they compile what is hot, for measuring. */
export type Tuning = 'quick start' | 'sustained load';

export interface Place {
  /** Its own folder for data and configuration; exists. */
  readonly folder: string;
  /** By the component's port names. */
  readonly ports: Ports;
  readonly tuning: Tuning;
}

export interface Launch {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What asks it to end; SIGTERM unless given. */
  readonly stopSignal?: NodeJS.Signals;
}

export interface Component {
  readonly name: string;
  /** Names of the ports it listens on; the first is the one clients use. */
  readonly portNames: readonly string[];
  /**
   * Finds or fetches its programs, writes its configuration and, in a new folder, its storage; called before the first
   * start only, since restarts use the same command again.
   */
  prepare(place: Place, toolchain: Toolchain, signal?: AbortSignal): Promise<Launch>;
  /** What clients connect to. People see it, so no password is in it. */
  address(ports: Ports): string;
  /** One probe: true when clients are served. May throw, which means false. */
  isReady(ports: Ports, signal: AbortSignal): Promise<boolean>;
}

/** A component that lets nobody in without the password it keeps in its folder. */
export interface GuardedComponent extends Component {
  /** The address with the password. */
  addressWithPassword(ports: Ports, folder: string): string;
}

export const isGuarded = (component: Component): component is GuardedComponent => 'addressWithPassword' in component;

/** The port of a name that the component declared. */
export function portOf(ports: Ports, name: string): number {
  const port = ports[name];
  if (port === undefined) throw new Error(`No port was chosen for ${name}.`);
  return port;
}
