/** An error that a person caused or can mend: the command prints its one sentence without a stack trace. */
export class UserError extends Error {
  readonly exitCode: number;

  /** `sentence` says what is wrong and what to do; exit code 2 means a wrong command line. */
  constructor(sentence: string, options: { readonly exitCode?: number; readonly cause?: unknown } = {}) {
    super(sentence, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'UserError';
    this.exitCode = options.exitCode ?? 1;
  }
}
