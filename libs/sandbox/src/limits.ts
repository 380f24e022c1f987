/** What a script may use. Every limit is one that a hostile script reaches. */

export interface SandboxLimits {
  /** Time of one call for one message. Decoders need microseconds; a hundred milliseconds is a loop. */
  readonly callMs: number;
  /** Added to `callMs` for each further message of a batch: slow but honest scripts still run in batches. */
  readonly furtherMessageMs: number;
  /** Time to compile a script and run its top level. */
  readonly loadMs: number;
  /** What the isolate cannot interrupt (one giant native call) is ended with its process this long after its time. */
  readonly graceMs: number;
  /** Heap of one isolate, MB: a decoder needs 1–2, an imported codec of 100 KB needs 5. */
  readonly isolateMemoryMb: number;
  /** Isolates kept in the process; the one unused for longest goes first. 100 × 1.3 MB. */
  readonly isolatesMax: number;
  /**
   * Resident memory of the process; what V8 allocates outside of isolates counts here. A process has 60 MB, an idle script 1.7 in
   * JavaScript, 3 in Lua, 4 in Python: a hundred of all kinds take 350 MB, and leave room for one that grows.
   */
  readonly processMemoryBytesMax: number;
  /** Imported codecs reach 100 KB. */
  readonly sourceBytesMax: number;
  /** Result of one message as JSON text: 1,000 rows of 256 characters. */
  readonly resultCharsMax: number;
}

/** Who ran out of time after less than this part of it on the processor was waiting for the processor: nobody's fault. */
export const busyPart = 0.5;

/** Of what a process may hold; one that holds more is replaced. Idle scripts hold less (see child/isolates.ts). */
export const swollenPart = 0.8;

export const defaultLimits: SandboxLimits = {
  callMs: 100,
  furtherMessageMs: 0.5,
  loadMs: 250,
  graceMs: 250,
  isolateMemoryMb: 32,
  isolatesMax: 100,
  processMemoryBytesMax: 640 * 1024 * 1024,
  sourceBytesMax: 256 * 1024,
  resultCharsMax: 256 * 1024,
};
