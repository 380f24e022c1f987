/** A script as the sandbox takes it. */

/**
 * One version of one tenant's script. The object stands for its isolate: use the same object for all calls of a version,
 * and a new one for a new version. State never crosses tenants or versions.
 */
export interface Script {
  /** For people and logs: `tenant/script@version`. */
  readonly name: string;
  /** Tenants are spread over processes; a script of one never shares an isolate with another's. */
  readonly tenant: string;
  /** Member of the language family: `javascript`, `lua`, `python`. */
  readonly language: string;
  /** At most `limits.sourceBytesMax`. */
  readonly source: string;
}
