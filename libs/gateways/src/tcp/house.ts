/** What stands around a connection: the gateway's side of it. */
import type { ConfirmationLimit } from '../confirmation-limit.ts';
import type { GatewayPorts } from '../gateway.ts';
import type { TcpConnection } from './connection.ts';
import type { Room } from './room.ts';

/** What the connections of a gateway share. */
export interface TcpHouse {
  readonly ports: GatewayPorts;
  readonly confirmations: ConfirmationLimit;
  readonly room: Room;
  readonly unansweredPerConnectionMax: number;
  /** Called when a line was read or answered. */
  readonly active: (connection: TcpConnection) => void;
  /** Called when all is said: what remains is that the other side hangs up. */
  readonly said: (connection: TcpConnection) => void;
}
