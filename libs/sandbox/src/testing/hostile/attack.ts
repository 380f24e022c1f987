/** An attack is data: what a hostile author pastes, and how a message of it may end. Tests and the benchmark run them all. */

/** `returned`: the script gave a result that was stored; the others are error codes without `script_`. */
export type End = 'returned' | 'threw' | 'result' | 'invalid' | 'timeout' | 'memory' | 'killed';

export interface Attack {
  /** What it does, as a noun. */
  readonly name: string;
  /** Defines `attack(input)`, which is called for an attacking message; or does its harm while it is loaded. */
  readonly source: string;
  /** How an attacking message may end. More than one where it depends on the machine which limit is met first. */
  readonly ends: readonly End[];
  /** Also the honest messages of this very script: it does not load, or has destroyed its own surroundings. */
  readonly spoilsItself: boolean;
}

/** The attacks of one language, and how their scripts look. */
export interface Corpus {
  readonly language: string;
  readonly attacks: readonly Attack[];
  /** A whole script: `decodeUplink` attacks when the first byte is `attackByte`, and gives that byte as `value` otherwise. */
  readonly scriptOf: (source: string) => string;
  /** Gives the first byte as `value`, and `intact` while nobody has touched its globals and what it inherits. */
  readonly neighbour: string;
}

export const attackByte = 1;

/** Some limit: which one depends on the speed of the machine. */
export const stopped: readonly End[] = ['timeout', 'memory', 'killed'];

/** The language refuses, or a limit is met while it tries. */
export const refusedOrStopped: readonly End[] = ['threw', ...stopped];

export function attack(name: string, ends: End | readonly End[], source: string): Attack {
  return { name, source, ends: typeof ends === 'string' ? [ends] : ends, spoilsItself: false };
}

/** An attack after which no message of the script is right, or none is run. */
export function spoiling(name: string, ends: End | readonly End[], source: string): Attack {
  return { ...attack(name, ends, source), spoilsItself: true };
}
