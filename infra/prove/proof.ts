/** The outcome of a run: one shape for programs, the text and the page. */
import type { InterruptionKind } from './schedule.ts';

/** Each stands for a promise; its number of violations decides. */
export type CheckCode =
  | 'no_work_interrupted'
  | 'stuck'
  | 'lost_before_stream'
  | 'lost_in_parser'
  | 'dead_letter_missing'
  | 'lost_in_historian'
  | 'duplicate'
  | 'altered'
  | 'invented'
  | 'out_of_order'
  | 'repeat_differs'
  | 'latest_values_differ'
  | 'windows_differ'
  | 'points_differ'
  | 'dead_letters_differ'
  | 'alarms_differ'
  | 'unexplained'
  | 'hostile_lost';

export interface Check {
  readonly code: CheckCode;
  /** What was looked at, one sentence. */
  readonly promise: string;
  /** How often it was broken; 0: it holds. */
  readonly violations: number;
  /** The first of them. */
  readonly examples: readonly string[];
}

export interface InterruptionResult {
  /** Since the load began. */
  readonly atMs: number;
  readonly victim: string;
  readonly kind: InterruptionKind;
  readonly frozenMs: number;
  /** Unfinished work that it hit; null: none was found in time. */
  readonly work: string | null;
  /** From the blow until what was sent afterwards was stored; null: that did not happen in time. */
  readonly backAfterMs: number | null;
}

export interface Sample {
  readonly atMs: number;
  /** Messages with a receipt so far. */
  readonly acknowledged: number;
  /** Rows in QuestDB; null while it does not answer. */
  readonly stored: number | null;
}

/** One hop over the whole run, counted in the records themselves, so that no kill can falsify it: in = the next five. */
export interface BalanceRow {
  readonly hop: string;
  readonly in: number;
  readonly out: number;
  /** Written by a former owner of its connection, behind the next one's fence; it comes again there. */
  readonly rejected: number;
  readonly deadLettered: number;
  /** Sent again by their senders: the same row. */
  readonly repeated: number;
  readonly unexplained: number;
  /** Records that an interruption made this hop write again, and that were recognised as the same. */
  readonly writtenAgain: number;
}

/** What an instance says of itself at the end, since its last start. */
export interface HopRow {
  readonly instance: string;
  readonly hop: string;
  readonly in: number;
  readonly out: number;
  readonly rejected: number;
  readonly deadLettered: number;
  readonly parked: number;
  readonly repeated: number;
  readonly inFlight: number;
  readonly unexplained: number;
}

/** The distinct records of a topic as they came to be live, and again from the raw bytes. */
export interface Comparison {
  readonly topic: string;
  readonly live: number;
  readonly replayed: number;
  readonly liveHash: string;
  readonly replayedHash: string;
  /** Identities that only one side has, or that differ. */
  readonly differing: number;
  readonly examples: readonly string[];
}

export interface Proof {
  readonly passed: boolean;
  readonly seed: number;
  readonly planted: readonly string[];
  readonly startedAt: string;
  /** Of the load; drain and replay come on top. */
  readonly loadSeconds: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly messages: {
    readonly sent: number;
    readonly acknowledged: number;
    /** Requests that were cut off or refused and sent again. */
    readonly requestsSentAgain: number;
    readonly stored: number;
    readonly deadLettered: number;
    /** Sent beside all these, to scripts that attack. */
    readonly hostile: number;
    readonly lost: number;
    readonly duplicate: number;
  };
  readonly interruptions: readonly InterruptionResult[];
  readonly checks: readonly Check[];
  readonly balance: readonly BalanceRow[];
  readonly hops: readonly HopRow[];
  readonly replay: readonly Comparison[];
  readonly samples: readonly Sample[];
}

const examplesMax = 5;

/** Counts what breaks a promise and keeps the first of it. */
export class Violations {
  readonly #code: CheckCode;
  readonly #promise: string;
  readonly #examples: string[] = [];
  #count = 0;

  constructor(code: CheckCode, promise: string) {
    this.#code = code;
    this.#promise = promise;
  }

  add(example: string): void {
    this.#count += 1;
    if (this.#examples.length < examplesMax) this.#examples.push(example);
  }

  get check(): Check {
    return { code: this.#code, promise: this.#promise, violations: this.#count, examples: this.#examples };
  }
}
