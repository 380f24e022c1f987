/** What happens to leases, by name. */
import { defineEvents, event } from '@millrace/observe';

interface OfSession {
  readonly instance: string;
  readonly session: string;
}

export const leaseEvents = defineEvents({
  sessionJoined: event<OfSession & { keys: number }>('info', 'The instance joined the others.'),
  sessionLeft: event<OfSession>('info', 'The instance left the others.'),
  leaseLost: event<OfSession & { held: number; lateMs: number }>(
    'error',
    'The lease was not renewed in time: everything this instance had is closed.',
  ),
  sessionDeclaredDead: event<OfSession & { held: number }>(
    'error',
    'Others declared this instance dead: everything it had is closed.',
  ),
  memoryLost: event<{ instance: string; kept: number }>(
    'warn',
    'Redis lost what it knew of leases: what this instance has is put back.',
  ),
  adoptionRefused: event<{ instance: string; keys: number }>(
    'warn',
    'Connections could not be put back, because another instance has them.',
  ),
  keysTaken: event<{ instance: string; keys: number }>(
    'error',
    'Redis says that connections of this instance are not its own: they are closed.',
  ),
  sessionDied: event<OfSession & { keys: number }>('warn', 'An instance gave no sign of life: its connections move.'),
  keysPlaced: event<{ keys: number }>('info', 'Connections without owner were to be placed.'),
  keysHandedOver: event<{ keys: number; kept: number }>('info', 'Connections were handed over.'),
  drainChanged: event<{ instance: string; draining: boolean }>('info', 'The instance drains, or no longer.'),
  storeLost: event<{ code: string; reason: string; leaseMs: number }>('warn', 'Redis does not answer.'),
  storeFound: event<{ awayMs: number }>('info', 'Redis answers again.'),
  timesDiffer: event<{ instance: string; ttlMs: number; ownTtlMs: number }>(
    'error',
    'An instance has leases of another length: set all instances alike.',
  ),
});
