/** Runs the members: one uplink each per interval, spread over it; an uplink that is not confirmed is sent again as it was. */
import { setTimeout as sleep } from 'node:timers/promises';
import { uplinkOf, type Uplink } from './machines.ts';
import type { Member } from './members.ts';

/** Resolves when the platform confirmed the uplink; throws otherwise. */
export type Sender = (member: Member, uplink: Uplink, time: Date, signal: AbortSignal) => Promise<void>;

export interface Senders {
  readonly http: Sender;
  readonly mqtt: Sender;
}

const retryMs = 1_000;

export class Fleet {
  readonly #members: readonly Member[];
  readonly #senders: Senders;
  #confirmed = 0;
  #repeated = 0;

  constructor(members: readonly Member[], senders: Senders) {
    this.#members = members;
    this.#senders = senders;
  }

  /** Returns when the signal fires and no uplink is on its way. */
  async run(intervalMs: number, signal: AbortSignal): Promise<void> {
    const startedMs = Date.now();
    report(`${this.#members.length} devices send every ${intervalMs} ms.`);
    const reporting = setInterval(() => this.#report(), 30_000);
    await Promise.all(
      this.#members.map((member, index) => this.#runMember(member, index, intervalMs, startedMs, signal)),
    );
    clearInterval(reporting);
    this.#report();
  }

  async #runMember(member: Member, index: number, intervalMs: number, startedMs: number, signal: AbortSignal) {
    let nextMs = startedMs + (index * intervalMs) / this.#members.length;
    while (await waited(nextMs - Date.now(), signal)) {
      const time = new Date();
      const uplink = uplinkOf(member.productId, member.uid, index, (time.getTime() - startedMs) / 1_000);
      await this.#deliver(member, uplink, time, signal);
      nextMs = Math.max(nextMs + intervalMs, Date.now());
    }
  }

  async #deliver(member: Member, uplink: Uplink, time: Date, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#senders[member.transport](member, uplink, time, signal);
        this.#confirmed += 1;
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#repeated += 1;
        if (attempt % 10 === 1) report(`${member.tenant}/${member.uid}: ${String(error)} It sends again.`);
        if (!(await waited(retryMs, signal))) return;
      }
    }
  }

  #report(): void {
    report(`${this.#confirmed} uplinks confirmed, ${this.#repeated} sent again.`);
  }
}

/** False when the signal fired first. */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(Math.max(0, ms), undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

const report = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);
