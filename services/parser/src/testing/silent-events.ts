/** For tests: what happens in the parser, told to nobody. */
import type { ParserEmitter } from '../parser-events.ts';

export const silentEvents: ParserEmitter = {
  messagesParsed() {},
  messagesPutAside() {},
  messagesParked() {},
  messagesDropped() {},
  staleMessagesDropped() {},
  staleMessagesKept() {},
  configurationAwaited() {},
  sandboxStarted() {},
  wallMissing() {},
  sandboxKilled() {},
  scriptQuarantined() {},
  quarantineCleared() {},
};
