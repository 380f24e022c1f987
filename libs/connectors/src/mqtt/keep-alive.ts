/**
 * When to send PINGREQ, and when the broker counts as gone (MQTT 5, section 3.1.2.10). Pure: the times are handed in,
 * monotonic milliseconds. While reading is paused the broker's answers lie unread: its silence is no evidence then,
 * but ours would be, so PINGREQs go on.
 */
export class KeepAlive {
  /** 0: switched off. */
  readonly #keepaliveMs: number;
  #wroteMs: number;
  #heardMs: number;
  /** When the oldest PINGREQ without answer was sent. */
  #pingedMs: number | undefined;
  #paused = false;

  constructor(keepaliveMs: number, nowMs: number) {
    this.#keepaliveMs = keepaliveMs;
    this.#wroteMs = nowMs;
    this.#heardMs = nowMs;
  }

  /** How often to ask what is due, so that neither is late by more than an eighth. */
  get checkEveryMs(): number {
    return this.#keepaliveMs / 8;
  }

  /** Any packet of ours counts as a sign of life. */
  wrote(nowMs: number): void {
    this.#wroteMs = nowMs;
  }

  /** Any byte of the broker is a sign of life, even while PINGRESP queues up behind its messages. */
  heard(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  answered(): void {
    this.#pingedMs = undefined;
  }

  pause(): void {
    this.#paused = true;
  }

  /** The broker gets its whole time again. */
  resume(nowMs: number): void {
    this.#paused = false;
    this.#heardMs = nowMs;
  }

  /** What is due now. After `ping` the caller sends PINGREQ. */
  due(nowMs: number): 'nothing' | 'ping' | 'gone' {
    if (this.#keepaliveMs === 0) return 'nothing';
    const { pinged, quietMs } = { pinged: this.#pingedMs, quietMs: nowMs - this.#heardMs };
    if (!this.#paused && pinged !== undefined && Math.min(nowMs - pinged, quietMs) > this.#keepaliveMs) return 'gone';
    if (nowMs - this.#wroteMs < this.#keepaliveMs * 0.6) return 'nothing';
    this.#pingedMs ??= nowMs;
    return 'ping';
  }
}
