/** Turns secrets of the folder into what may stand on a topic; made from MILLRACE_SECRET_KEY by the service. */
export interface SecretKeeper {
  /** Keyed hash; the same for the same secret. */
  hash(secret: string): string;
  /**
   * Encrypted bytes that open for the same purpose only; `published` again where they hold this secret already, so that an
   * unchanged folder changes nothing.
   */
  seal(secret: string, purpose: string, published: Buffer | null): Buffer;
}
