/**
 * Who rests: a script that breaks its limits again and again for one device rests for that device, with back-off; for all of
 * them only when it costs its process again and again, or breaks for many in a row without a single success between.
 */
import type { Clock } from '@millrace/kernel';
import { ScriptFailure } from './failure.ts';
import type { Script } from './script.ts';

export type LimitReason = 'timeout' | 'memory' | 'killed';

export interface QuarantineEntry {
  readonly tenant: string;
  /** `tenant/script@version` */
  readonly script: string;
  /** The device's key; undefined: the script rests for all. */
  readonly subject: string | undefined;
  readonly reason: LimitReason;
  /** In a row, with those before. */
  readonly failures: number;
  /** UTC milliseconds. Afterwards it is tried again. */
  readonly restsUntilMs: number;
}

/** Messages in a row that a script may spoil for one subject before it is no accident. */
const subjectFailuresMax = 3;
/** In a row over all subjects: the script, and not its messages. */
const scriptFailuresMax = 20;
/** More than one subject can reach with its back-off. */
const killsMax = 8;
const killsWithinMs = 60_000;
const rest = { delayMsMin: 5_000, delayMsMax: 600_000 };
/** A script that broke a limit runs apart from the others for this long. */
const suspectMs = 60_000;
/** What has rested and was quiet ever since is forgotten after this. */
const forgetMs = 2 * rest.delayMsMax;
/** Beyond it the oldest is forgotten. */
const subjectsMax = 10_000;
const scriptsMax = 1_000;

interface Rest {
  failures: number;
  rests: number;
  /** Monotonic. */
  untilMs: number;
  reason: LimitReason;
}

interface ScriptRecord {
  readonly ofAll: Rest;
  /** In order of their last failure. */
  readonly subjects: Map<string, Rest>;
  /** Monotonic times. */
  kills: number[];
  brokeMs: number;
}

const onlySubject = '';
const newRest = (): Rest => ({ failures: 0, rests: 0, untilMs: -Infinity, reason: 'timeout' });

export class Quarantine {
  readonly #clock: Clock;
  readonly #onRest: (entry: QuarantineEntry) => void;
  readonly #records = new Map<Script, ScriptRecord>();

  constructor(clock: Clock, onRest: (entry: QuarantineEntry) => void = () => undefined) {
    this.#clock = clock;
    this.#onRest = onRest;
  }

  /** By input, what it gets instead of being run; undefined when all are to be run. */
  refusals(
    script: Script,
    subjects: readonly string[] | undefined,
    count: number,
  ): readonly (ScriptFailure | undefined)[] | undefined {
    const record = this.#records.get(script);
    if (!record) return undefined;
    const refusals = Array.from({ length: count }, (_, index) => this.#refusal(record, subjects?.[index]));
    return refusals.some(Boolean) ? refusals : undefined;
  }

  /** Whether the script broke a limit lately. */
  isSuspect(script: Script): boolean {
    const record = this.#records.get(script);
    return record !== undefined && this.#clock.monotonicMs() - record.brokeMs < suspectMs;
  }

  /** The script broke a limit; nobody is charged yet. */
  broke(script: Script): void {
    this.#recordOf(script).brokeMs = this.#clock.monotonicMs();
  }

  succeeded(script: Script, subjects: readonly string[] | undefined): void {
    const record = this.#records.get(script);
    if (!record) return;
    Object.assign(record.ofAll, newRest());
    if (!subjects) record.subjects.delete(onlySubject);
    else for (const subject of subjects) record.subjects.delete(subject);
  }

  /** One message broke a limit for sure. */
  failed(script: Script, subject: string = onlySubject, reason: LimitReason, costProcess: boolean): void {
    const record = this.#recordOf(script);
    record.brokeMs = this.#clock.monotonicMs();
    const ofSubject = record.subjects.get(subject) ?? newRest();
    record.subjects.delete(subject);
    makeRoom(record.subjects, subjectsMax);
    record.subjects.set(subject, ofSubject);
    ofSubject.failures += 1;
    ofSubject.reason = record.ofAll.reason = reason;
    record.ofAll.failures += 1;
    if (ofSubject.failures >= subjectFailuresMax) this.#beginRest(script, subject, ofSubject);
    if (this.#isKillTooMany(record, costProcess) || record.ofAll.failures >= scriptFailuresMax)
      this.#beginRest(script, undefined, record.ofAll);
    this.#forgetQuiet();
  }

  /** What rests now, of one tenant or of all. */
  list(tenant?: string): readonly QuarantineEntry[] {
    const entries: QuarantineEntry[] = [];
    for (const [script, { ofAll, subjects }] of this.#records) {
      if (tenant !== undefined && script.tenant !== tenant) continue;
      if (this.#rests(ofAll)) entries.push(this.#entryOf(script, undefined, ofAll));
      for (const [subject, one] of subjects) if (this.#rests(one)) entries.push(this.#entryOf(script, subject, one));
    }
    return entries;
  }

  /** Ends the rests of all versions of the script, or those for one subject; gives how many it ended. */
  clear(tenant: string, scriptId: string, subject?: string): number {
    let cleared = 0;
    for (const [script, record] of this.#records) {
      if (script.tenant !== tenant || !script.name.startsWith(`${tenant}/${scriptId}@`)) continue;
      for (const [one, its] of record.subjects)
        if (subject === undefined || one === subject) {
          if (this.#rests(its)) cleared += 1;
          record.subjects.delete(one);
        }
      if (subject !== undefined) continue;
      if (this.#rests(record.ofAll)) cleared += 1;
      this.#records.delete(script);
    }
    return cleared;
  }

  #refusal({ ofAll, subjects }: ScriptRecord, subject = onlySubject): ScriptFailure | undefined {
    if (this.#rests(ofAll)) return this.#refusalFor(ofAll, 'several devices in a row, and rests for all');
    const ofSubject = subjects.get(subject);
    if (!ofSubject || !this.#rests(ofSubject)) return undefined;
    return this.#refusalFor(
      ofSubject,
      subject === onlySubject ? 'its inputs, and rests' : `${subject}, and rests for it`,
    );
  }

  #refusalFor({ failures, untilMs }: Rest, whom: string): ScriptFailure {
    const until = new Date(this.#utcMs(untilMs)).toISOString();
    return new ScriptFailure(
      'script_quarantined',
      `The script broke its limits ${failures} times for ${whom} until ${until}, or until its quarantine is cleared.`,
    );
  }

  #isKillTooMany(record: ScriptRecord, costProcess: boolean): boolean {
    if (!costProcess) return false;
    const nowMs = this.#clock.monotonicMs();
    record.kills = [...record.kills.filter((atMs) => nowMs - atMs < killsWithinMs), nowMs].slice(-killsMax);
    return record.kills.length >= killsMax;
  }

  #beginRest(script: Script, subject: string | undefined, one: Rest): void {
    one.rests += 1;
    one.untilMs = this.#clock.monotonicMs() + Math.min(rest.delayMsMin * 2 ** (one.rests - 1), rest.delayMsMax);
    this.#onRest(this.#entryOf(script, subject, one));
  }

  #entryOf(script: Script, subject: string | undefined, { failures, reason, untilMs }: Rest): QuarantineEntry {
    return {
      tenant: script.tenant,
      script: script.name,
      subject: subject === onlySubject ? undefined : subject,
      reason,
      failures,
      restsUntilMs: this.#utcMs(untilMs),
    };
  }

  #utcMs(monotonicMs: number): number {
    return Math.round(this.#clock.nowMs() + monotonicMs - this.#clock.monotonicMs());
  }

  #rests({ untilMs }: Rest): boolean {
    return untilMs > this.#clock.monotonicMs();
  }

  #recordOf(script: Script): ScriptRecord {
    let record = this.#records.get(script);
    if (!record) {
      record = { ofAll: newRest(), subjects: new Map(), kills: [], brokeMs: -Infinity };
      makeRoom(this.#records, scriptsMax);
      this.#records.set(script, record);
    }
    return record;
  }

  #forgetQuiet(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [script, { ofAll, brokeMs }] of this.#records)
      if (nowMs - Math.max(ofAll.untilMs, brokeMs) > forgetMs) this.#records.delete(script);
  }
}

function makeRoom<K>(map: Map<K, unknown>, sizeMax: number): void {
  if (map.size < sizeMax) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
