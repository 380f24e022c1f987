/** What happens in the parser, by name. */
import { defineEvents, type Emitter, event } from '@millrace/observe';

export const parserEvents = defineEvents({
  messagesParsed: event<{ partition: number; messages: number; rows: number }>(
    'debug',
    'Messages parsed.',
    'messages_parsed_total',
    'messages',
  ),
  messagesPutAside: event<{ partition: number; messages: number; code: string; reason: string }>(
    'warn',
    'Messages put aside.',
    'messages_put_aside_total',
    'messages',
  ),
  messagesParked: event<{ partition: number; messages: number; devices: number; reason: string }>(
    'info',
    'Messages parked.',
    'messages_parked_total',
    'messages',
  ),
  messagesDropped: event<{ partition: number; messages: number }>(
    'info',
    'Messages of deleted tenants were dropped.',
    'messages_dropped_total',
    'messages',
  ),
  staleMessagesDropped: event<{ partition: number; messages: number }>(
    'warn',
    'Messages that a former owner of their connection wrote behind the next one were dropped; they had no receipt.',
    'stale_messages_dropped_total',
    'messages',
  ),
  staleMessagesKept: event<{ partition: number; messages: number }>(
    'info',
    'Messages that a former owner of a shared subscription wrote were kept.',
    'stale_messages_kept_total',
    'messages',
  ),
  configurationAwaited: event<{ partition: number; offset: string; missing: string }>(
    'info',
    'A message waits for its configuration.',
    'configuration_waits_total',
  ),
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
  quarantineCleared: event<{ tenant: string; script: string; device: string; cleared: number }>(
    'info',
    'A quarantine was cleared by hand.',
    'quarantines_cleared_total',
    'cleared',
  ),
});

export type ParserEmitter = Emitter<typeof parserEvents>;

/** The emitter of them. */
export const PARSER_EVENTS = Symbol('parser events');
