/** When nobody waits for the answer any more: what was begun for it can end. */
import { MillraceError } from '@millrace/contracts';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

interface Reply {
  readonly raw: NodeJS.EventEmitter & { readonly destroyed: boolean };
}

/** A signal that fires when the client has closed the connection, and at the latest when the answer was given. */
export const Gone = createParamDecorator((_, context: ExecutionContext): AbortSignal => {
  const gone = new AbortController();
  const { raw } = context.switchToHttp().getResponse<Reply>();
  const leave = (): void => gone.abort(new MillraceError('client_gone', 'The client has closed the connection.'));
  if (raw.destroyed) leave();
  else raw.once('close', leave);
  return gone.signal;
});

export function whenAborted(signal: AbortSignal, action: () => void): void {
  if (signal.aborted) action();
  else signal.addEventListener('abort', action, { once: true });
}
