/** A script returned something that is no data. Caught per message. */
export class UnusableResult extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'UnusableResult';
  }
}
