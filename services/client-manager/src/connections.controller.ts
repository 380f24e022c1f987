/** What operators ask about the connections. */
import { Controller, Get } from '@nestjs/common';
import { ConnectionFleet } from './connection-fleet.ts';
import type { ConnectionReport } from './managed-connection.ts';

@Controller('v1/connections')
export class ConnectionsController {
  readonly #fleet: ConnectionFleet;

  constructor(fleet: ConnectionFleet) {
    this.#fleet = fleet;
  }

  /** All connections of this instance, with state, owner's epoch, last error and rates. */
  @Get()
  list(): { readonly connections: readonly ConnectionReport[] } {
    return { connections: this.#fleet.reports() };
  }
}
