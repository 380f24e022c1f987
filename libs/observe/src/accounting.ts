/**
 * Counts what becomes of every message, per hop: in = out + rejected + deadLettered + parked + repeated + inFlight.
 * Nothing disappears silently: where a message ends, exactly one of these is called.
 */
import type { ErrorCode } from '@millrace/contracts';

/** One step of the flow inside a service. All numbers are messages, added per batch. */
export interface Hop {
  /** Taken: from now on until one of the others is called they are in flight. */
  in(messages: number): void;
  /** Taken back: nothing became of them here, and they will come again, to this instance or another. */
  givenBack(messages: number): void;
  /** Handed on, and durable where it went. */
  out(messages: number): void;
  /** Refused: the sender was told, or the code says why there is nobody to tell. */
  rejected(code: ErrorCode, messages: number): void;
  deadLettered(messages: number): void;
  parked(messages: number): void;
  /** Dropped because it had been handed on before. */
  repeated(messages: number): void;
}

/** As `GET /v1/accounting` answers it. */
export interface HopReport {
  readonly hop: string;
  readonly in: number;
  readonly out: number;
  readonly rejected: Readonly<Partial<Record<ErrorCode, number>>>;
  readonly deadLettered: number;
  readonly parked: number;
  readonly repeated: number;
  readonly inFlight: number;
}

export interface AccountingReport {
  readonly service: string;
  readonly instance: string;
  /** ISO 8601: counting began then. */
  readonly startedAt: string;
  readonly hops: readonly HopReport[];
}

export class Accounting {
  readonly #service: string;
  readonly #instance: string;
  readonly #startedAt: string;
  readonly #hops = new Map<string, HopCounts>();

  constructor(service: string, instance: string, startedAt: Date = new Date()) {
    this.#service = service;
    this.#instance = instance;
    this.#startedAt = startedAt.toISOString();
  }

  /**
   * The hop of this name, made when it is asked for first. `measureInFlight` counts what the hop holds right now from the
   * queues themselves, which makes the identity a check; without it what has no end yet is said to be in flight.
   */
  hop(name: string, measureInFlight?: () => number): Hop {
    const hop = this.#hops.get(name) ?? new HopCounts(name);
    if (measureInFlight) hop.measureInFlight = measureInFlight;
    this.#hops.set(name, hop);
    return hop;
  }

  report(): AccountingReport {
    return {
      service: this.#service,
      instance: this.#instance,
      startedAt: this.#startedAt,
      hops: [...this.#hops.values()].map((hop) => hop.report()),
    };
  }
}

/** Messages the identity does not explain: 0, or somebody forgot one (above 0) or counted it twice (below 0). */
export function unexplainedMessages(hop: HopReport): number {
  return hop.in - endedMessages(hop) - hop.inFlight;
}

function endedMessages({ out, rejected, deadLettered, parked, repeated }: Omit<HopReport, 'inFlight'>): number {
  return Object.values(rejected).reduce((sum, count) => sum + count, out + deadLettered + parked + repeated);
}

class HopCounts implements Hop {
  readonly #name: string;
  readonly #rejected: Partial<Record<ErrorCode, number>> = {};
  #in = 0;
  #out = 0;
  #deadLettered = 0;
  #parked = 0;
  #repeated = 0;
  measureInFlight: (() => number) | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  in(messages: number): void {
    this.#in += messages;
  }

  givenBack(messages: number): void {
    this.#in -= messages;
  }

  out(messages: number): void {
    this.#out += messages;
  }

  rejected(code: ErrorCode, messages: number): void {
    this.#rejected[code] = (this.#rejected[code] ?? 0) + messages;
  }

  deadLettered(messages: number): void {
    this.#deadLettered += messages;
  }

  parked(messages: number): void {
    this.#parked += messages;
  }

  repeated(messages: number): void {
    this.#repeated += messages;
  }

  report(): HopReport {
    const counts = {
      hop: this.#name,
      in: this.#in,
      out: this.#out,
      rejected: { ...this.#rejected },
      deadLettered: this.#deadLettered,
      parked: this.#parked,
      repeated: this.#repeated,
    };
    return { ...counts, inFlight: this.measureInFlight?.() ?? counts.in - endedMessages(counts) };
  }
}
