/** What the benchmark says to a generator process, and what it hears back. */

export interface LoadOrder {
  readonly kind: 'http' | 'mqtt';
  /** Gateway or broker. */
  readonly url: string;
  /** Tenant → ingest key (HTTP only). */
  readonly apiKeys: Readonly<Record<string, string>>;
  /** 0: as fast as it is taken. */
  readonly messagesPerSecond: number;
}

export interface LoadReport {
  /** Messages whose receipt came. */
  readonly accepted: number;
  /** Requests that were answered otherwise or not at all, and sent again as they were. */
  readonly repeatedRequests: number;
  /** Messages that a sender at the ordered rate would have sent by now, but this one has not. */
  readonly behind: number;
  readonly receiptMsP50: number;
  readonly receiptMsP99: number;
}

export type ToLoad = { readonly type: 'start'; readonly order: LoadOrder } | { readonly type: 'stop' };
export type FromLoad = { readonly type: 'progress' | 'stopped'; readonly report: LoadReport };
